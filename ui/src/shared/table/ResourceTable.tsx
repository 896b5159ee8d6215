/** The table of a kind of record: derives from its description and from what the server says of the list. */
import { ActionIcon, Button, Center, Group, Loader, Pagination, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys, useMediaQuery } from '@mantine/hooks';
import { IconList, IconMoodEmpty, IconPhoto, IconPlus, IconSearch, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { at, type Query, type Row } from '@/api/client';
import { listOf } from '@/api/options';
import { useTranslation } from '@/app/i18n';
import { linkTo } from '@/app/registry';
import { useMay } from '@/app/session';
import { BulkButtons, RowMenu } from '../ActionButtons';
import { actionsFor, openCreate, rowActions } from '../actions';
import type { Action, Column, Resource } from '../description';
import { quantity } from '../format';
import { usePreference } from '../preference';
import { useContext } from '../refresh';
import { readRows, useFields, useResource } from '../resource';
import { ColumnMenu } from './ColumnMenu';
import { columnsOf } from './columns';
import { EntryMenu } from './EntryMenu';
import { ExportMenu } from './Export';
import { FilterChips, FilterMenu } from './Filters';
import { fitting } from './fit';
import { Gallery } from './Gallery';
import { BESIDES, Grid } from './Grid';
import { usePartColumns } from './partColumns';
import { initialState, narrowedQuery, pageQuery } from './query';
import { PAGE_CONTROLS } from './Rows';
import { SIZES, useTableState } from './state';
import { ViewMenu } from './Views';

export interface ResourceTableProps {
  model: string;
  /** What the page itself narrows the list by: `{ part: 7 }`. New rows get the same values. */
  fixed?: Query;
  /** Values of new rows, where they are not those of `fixed`. */
  newValues?: Record<string, unknown>;
  /** Columns that say nothing here. */
  hides?: string[];
  /** Replaces what the description has. */
  overrides?: Partial<Resource>;
  /** Where a row leads to, if not to its own page. */
  onOpen?: (row: Row) => void;
  /** More buttons above the table. */
  buttons?: ReactNode;
  canCreate?: boolean;
}

const NO_FILTERS = {};

export function ResourceTable(props: ResourceTableProps) {
  const described = useResource(props.model);
  const { overrides } = props;
  const resource = useMemo(() => ({ ...described, ...overrides }), [described, overrides]);
  // pages give another object in each run
  const kept = JSON.stringify(props.fixed ?? {}, (_, value: unknown) => (value === undefined ? null : value));
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the text stands for the object
  const fixed = useMemo(() => props.fixed ?? NO_FILTERS, [kept]);
  return <Table key={props.model} {...props} fixed={fixed} resource={resource} />;
}

function Table(props: ResourceTableProps & { resource: Resource }) {
  const { resource, fixed = NO_FILTERS, hides } = props;
  const { kind } = resource;
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const context = useContext();
  const isPhone = useMediaQuery('(max-width: 48em)');
  const fields = useFields(kind.api);
  const initial = useMemo(() => initialState(resource, fixed), [resource, fixed]);
  const { state, change } = useTableState(initial);
  const [kept, keep] = usePreference<string[] | undefined>(`columns.${kind.model}`, undefined);
  const [widths, keepWidths] = usePreference<Record<string, number>>(`widths.${kind.model}`, NO_FILTERS);
  const [form, keepForm] = usePreference<'list' | 'gallery'>(`form.${kind.model}`, 'list');
  const isGallery = Boolean(kind.image) && form === 'gallery';
  const [selection, setSelection] = useState<Record<string, boolean>>({});

  const own = (resource.useMoreColumns ?? noMoreColumns)();
  const ofParts = usePartColumns(resource);
  const added = useMemo(() => [...own, ...ofParts], [own, ofParts]);
  const { all, first } = useMemo(() => columnsOf(resource, fields, added), [resource, fields, added]);
  const wanted = (kept ?? first).filter((id) => !hides?.includes(id));
  const [place, room] = useRoom();
  // without a choice of the user's, as many as fit; cards have room for all
  const shown = useMemo(() => {
    if (kept || isPhone) return wanted;
    const sized = wanted.flatMap((id) => all.find((column) => column.id === id) ?? []);
    return wanted.slice(0, fitting(sized, widths, room - BESIDES));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the list is another array in each run
  }, [wanted.join(), all, widths, room, kept, isPhone]);
  const columns = useMemo(
    () => shown.flatMap((id) => all.find((column) => column.id === id) ?? []),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the list is another array in each run
    [shown.join(), all],
  );

  const asked = { resource, columns: wanted, known: all, fixed, state };
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    ...readRows(kind.api, pageQuery(asked)),
    placeholderData: keepPreviousData,
  });
  const rows = data?.results ?? NO_ROWS;
  const pages = Math.max(1, Math.ceil((data?.count ?? 0) / state.size));
  useEffect(() => setSelection({}), [fixed, state]);
  const selected = rows.filter((row) => selection[String(row.pk)]);

  const open = (row: Row, event: React.MouseEvent | React.KeyboardEvent) => {
    if (props.onOpen) return props.onOpen(row);
    const to = linkTo(kind, row.pk);
    if (event.metaKey || event.ctrlKey || ('button' in event && event.button === 1)) window.open(at(to), '_blank');
    else void navigate({ to: to as never });
  };
  const canCreate = (props.canCreate ?? resource.canCreate) !== false && may(kind, 'add');
  const create = () =>
    openCreate(resource, context, { ...defined(fixed), ...props.newValues }, Object.keys(fixed).length > 0 || !kind.load);
  const actionsOf = useMemo(() => rowActions(resource, may), [resource, may]);
  const bulk = selected.length > 0 ? actionsFor(resource, 'bulk', selected, may) : [];
  // filters that the table has at first are no search of the user's
  const isNarrowed = Boolean(state.search) || Object.entries(state.filters).some(([name, value]) => initial.filters[name] !== value);

  return (
    <Stack ref={place} gap={8} style={{ flex: 1, minHeight: 0, minWidth: 0 }}>
      <Group gap={8} justify="space-between" align="flex-start">
        <Group gap={8}>
          {listOf(kind.api).search && <SearchBox value={state.search} onChange={(search) => change({ search }, true)} />}
          <FilterMenu
            resource={resource}
            fields={fields}
            values={state.filters}
            fixed={Object.keys(fixed)}
            onChange={(filters) => change({ filters })}
          />
          <ViewMenu model={kind.model} columns={kept} onColumns={keep} isSmall={Boolean(isPhone)} />
        </Group>
        <Group gap={8}>
          {props.buttons}
          <ListActions actions={actionsFor(resource, 'list', [], may)} />
          {kind.image && (
            <ActionIcon
              variant="default"
              size={30}
              aria-label={isGallery ? t('Show as a list') : t('Show as images')}
              title={isGallery ? t('Show as a list') : t('Show as images')}
              onClick={() => keepForm(isGallery ? 'list' : 'gallery')}
            >
              {isGallery ? <IconList size={16} /> : <IconPhoto size={16} />}
            </ActionIcon>
          )}
          {!isPhone && <ColumnMenu all={all} shown={shown} onChange={keep} />}
          {!isPhone && <ExportMenu api={kind.api} query={narrowedQuery(asked)} />}
          {canCreate && isPhone && (
            <ActionIcon size={30} variant="filled" aria-label={t('New')} title={t('New')} onClick={create}>
              <IconPlus size={18} />
            </ActionIcon>
          )}
          {canCreate && !isPhone && (
            <Button.Group>
              <Button size="xs" leftSection={<IconPlus size={16} />} onClick={create}>
                {t('New')}
              </Button>
              <EntryMenu kind={kind} fixed={fixed} />
            </Button.Group>
          )}
        </Group>
      </Group>
      <FilterChips
        resource={resource}
        fields={fields}
        values={state.filters}
        fixed={Object.keys(fixed)}
        onChange={(filters) => change({ filters })}
      />
      {selected.length > 0 && (
        <Group gap={10} px={10} py={6} bg="var(--mantine-primary-color-light)" style={{ borderRadius: 8 }}>
          <Text size="sm" fw={600}>
            {t('{{count}} selected', { count: selected.length })}
          </Text>
          <BulkButtons actions={bulk} rows={selected} />
          <ActionIcon variant="subtle" size="sm" aria-label={t('Clear the selection')} onClick={() => setSelection({})}>
            <IconX size={15} />
          </ActionIcon>
        </Group>
      )}
      {error ? (
        <Center p="xl">
          <Text c="red">{error.message}</Text>
        </Center>
      ) : isGallery ? (
        <Gallery
          label={t(kind.plural)}
          kind={kind}
          rows={rows}
          isLoading={isFetching && !data}
          selection={selection}
          onSelection={setSelection}
          onOpen={open}
          empty={<Empty resource={resource} isNarrowed={isNarrowed} onClear={() => change({ search: '', filters: {} })} />}
        />
      ) : (
        <Grid
          label={t(kind.plural)}
          columns={columns}
          rows={rows}
          isLoading={isFetching && (!data || isPlaceholderData)}
          sort={state.sort}
          onSort={(sort) => change({ sort })}
          selection={selection}
          onSelection={setSelection}
          widths={widths}
          onWidths={keepWidths}
          width={room}
          {...((kind.load || props.onOpen) && { onOpen: open })}
          {...(kind.load && !props.onOpen && { leadsTo: (row: Row) => at(linkTo(kind, row.pk)) })}
          menu={(row) => <Menu actions={actionsOf(row)} row={row} />}
          empty={<Empty resource={resource} isNarrowed={isNarrowed} onClear={() => change({ search: '', filters: {} })} />}
        />
      )}
      <Group justify="space-between" gap={8} mih={28}>
        <Group gap={8}>
          <Text size="xs" c="dimmed">
            {data ? t('{{count}} rows', { count: data.count }).replace(String(data.count), quantity(data.count)) : ''}
          </Text>
          {isFetching && <Loader size={12} />}
        </Group>
        {(data?.count ?? 0) > (SIZES[0] ?? 0) && (
          <Group gap={8}>
            {!isPhone && <Select
              size="xs"
              w={76}
              aria-label={t('Rows per page')}
              data={SIZES.map(String)}
              value={String(state.size)}
              onChange={(size) => change({ size: Number(size) })}
              allowDeselect={false}
            />}
            <Pagination
              size="sm"
              total={pages}
              value={state.page}
              onChange={(page) => change({ page })}
              siblings={isPhone ? 0 : 1}
              getControlProps={(control) => ({ 'aria-label': t(PAGE_CONTROLS[control]) })}
              getItemProps={(page) => ({ 'aria-label': t('Page {{page}}', { page }) })}
            />
          </Group>
        )}
      </Group>
    </Stack>
  );
}

/** Tables are mostly as wide as the one before; then nothing is drawn twice. */
let lastRoom = 0;

/** The width of an element. */
function useRoom(): [React.RefObject<HTMLDivElement | null>, number] {
  const place = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(lastRoom);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const measure = () => {
      lastRoom = element.offsetWidth;
      setRoom(lastRoom);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [place, room];
}

const Menu = ({ actions, row }: { actions: (() => Action[]) | undefined; row: Row }) => (actions ? <RowMenu actions={actions} rows={[row]} /> : null);

const NO_ROWS: Row[] = [];
const NO_COLUMNS: Column[] = [];
const noMoreColumns = () => NO_COLUMNS;

const defined = (query: Query) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => typeof value === 'number' || typeof value === 'string'));

function SearchBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const later = useDebouncedCallback(onChange, 200);
  useEffect(() => setText(value), [value]);
  useHotkeys([['/', () => input.current?.focus()]]);
  return (
    <TextInput
      ref={input}
      size="xs"
      w={{ base: 150, xs: 240 }}
      placeholder={t('Search')}
      aria-label={t('Search this table')}
      leftSection={<IconSearch size={15} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
    />
  );
}

function ListActions({ actions }: { actions: Action[] }) {
  // an empty group would leave a gap
  return actions.length === 0 ? null : <BulkButtons actions={actions} rows={[]} />;
}

function Empty({ resource, isNarrowed, onClear }: { resource: Resource; isNarrowed: boolean; onClear: () => void }) {
  const { t } = useTranslation();
  return (
    <Center py={48} px="md">
      <Stack align="center" gap={6}>
        <IconMoodEmpty size={32} stroke={1.3} color="var(--mantine-color-dimmed)" />
        <Text size="sm" c="dimmed" ta="center">
          {isNarrowed ? t('No matches for this search and these filters.') : t(resource.empty ?? 'Nothing here yet.')}
        </Text>
        {isNarrowed && (
          <Button variant="light" size="xs" onClick={onClear}>
            {t('Clear search and filters')}
          </Button>
        )}
      </Stack>
    </Center>
  );
}
