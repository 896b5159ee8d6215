/** A tree beside the table of its rows: only what is open is read, so that it stays quick with many thousands. */
import { ActionIcon, Box, Group, Loader, Paper, ScrollArea, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kind as kindNamed, linkTo } from '@/app/registry';
import type { Kind } from '../description';
import { readRows } from '../resource';
import { ResourceTable } from '../table/ResourceTable';
import classes from './Tree.module.css';

const MOST = 500;
const FOUND = 60;

interface Node extends Row {
  name: string;
  description: string;
  pathstring: string;
  parent: number | null;
  subcategories?: number;
  sublocations?: number;
}

interface TreeProps {
  kind: Kind;
  current?: number;
  onChoose: (row: Row) => void;
}

const childrenOf = (node: Node) => node.subcategories ?? node.sublocations ?? 0;

function Level({ kind, parent, depth, current, onChoose }: TreeProps & { parent: number | null; depth: number }) {
  const { data, isPending } = useQuery(
    readRows(`${kind.api}tree/`, parent === null ? { max_level: 0, limit: MOST, ordering: 'name' } : { parent, limit: MOST, ordering: 'name' }),
  );
  if (isPending) return <Loader size={14} m={6} />;
  const rows = (data?.results ?? []) as Node[];
  return (
    <ul className={classes.level} role={depth === 0 ? 'tree' : 'group'}>
      {rows.map((row) => (
        <Branch key={row.pk} {...{ kind, row, depth, onChoose }} {...(current !== undefined && { current })} />
      ))}
    </ul>
  );
}

function Branch({ kind, row, depth, current, onChoose }: TreeProps & { row: Node; depth: number }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const hasChildren = childrenOf(row) > 0;
  return (
    <li role="treeitem" aria-expanded={hasChildren ? isOpen : undefined} aria-selected={row.pk === current}>
      <div className={classes.node} data-current={row.pk === current || undefined} style={{ paddingLeft: depth * 16 }}>
        {hasChildren ? (
          <ActionIcon
            size="xs"
            variant="subtle"
            color="gray"
            aria-label={isOpen ? t('Close {{name}}', { name: row.name }) : t('Open {{name}}', { name: row.name })}
            onClick={() => setIsOpen((open) => !open)}
          >
            {isOpen ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
          </ActionIcon>
        ) : (
          <Box w={18} />
        )}
        <Link to={linkTo(kind, row.pk) as never} className={classes.name} title={row.description} onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          onChoose(row);
        }}>
          {row.name}
        </Link>
      </div>
      {isOpen && <Level {...{ kind, depth: depth + 1, onChoose }} parent={row.pk} {...(current !== undefined && { current })} />}
    </li>
  );
}

/** Words from anywhere in a path find a place: "row 1 inside" finds Drawer / Row 1 / Inside. */
function Found({ kind, search, onChoose }: TreeProps & { search: string }) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...readRows(kind.api, { search, limit: FOUND, ordering: 'name' }), placeholderData: keepPreviousData });
  const rows = (data?.results ?? []) as Node[];
  if (data && rows.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="xs">
        {t('Nothing found')}
      </Text>
    );
  }
  return (
    <ul className={classes.level}>
      {rows.map((row) => (
        <li key={row.pk} className={classes.node}>
          <Link
            to={linkTo(kind, row.pk) as never}
            className={classes.name}
            onClick={(event) => {
              event.preventDefault();
              onChoose(row);
            }}
          >
            {row.pathstring}
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function Tree(props: TreeProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 150);
  return (
    <>
      <TextInput
        size="xs"
        mb={6}
        leftSection={<IconSearch size={14} />}
        placeholder={t('Search by words in the path')}
        aria-label={t('Search by words in the path')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ScrollArea style={{ flex: 1, minHeight: 0 }} type="auto">
        {search ? <Found {...props} search={search} /> : <Level {...props} parent={null} depth={0} />}
      </ScrollArea>
    </>
  );
}

export function TreePage({ model }: { model: string }) {
  const kind = kindNamed(model);
  const navigate = useNavigate();
  const isPhone = useMediaQuery('(max-width: 48em)');
  const open = (row: Row) => void navigate({ to: linkTo(kind, row.pk) as never });
  return (
    <Group align="stretch" gap="sm" wrap={isPhone ? 'wrap' : 'nowrap'} style={{ flex: 1, minHeight: 0 }}>
      <Paper withBorder p="xs" w={isPhone ? '100%' : 300} style={{ display: 'flex', flexDirection: 'column', flex: 'none', minHeight: 0, maxHeight: isPhone ? 300 : undefined }}>
        <Tree kind={kind} onChoose={open} />
      </Paper>
      <ResourceTable model={model} />
    </Group>
  );
}
