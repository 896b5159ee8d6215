/** Filters of a list: a menu with all that the server knows, and a chip for each that is set. */
import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  Menu,
  NumberInput,
  Popover,
  ScrollArea,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { get, type Row } from '@/api/client';
import { type Fields, listOf } from '@/api/options';
import { useStates } from '@/api/states';
import { stateText, translate, useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import type { Resource } from '../description';
import { date, humanize } from '../format';
import { KIND_OF_NAME } from '../names';
import { useTags } from '../form/TagInput';
import { nameOf, RelatedInput } from '../RelatedInput';


export interface FilterKind {
  name: string;
  label: string;
  type: 'boolean' | 'date' | 'number' | 'text' | 'related' | 'choice';
  model?: string;
  choices?: { value: string; label: string }[];
  /** Ways to compare: endings of the filter's name. A filter without them compares in one way. */
  comparisons?: Comparison[];
  /** Values that are offered while one is typed. */
  suggestions?: string[];
  units?: string;
}

export interface Comparison {
  ending: string;
  sign: string;
}

/** The filter behind a name, with the way it compares. */
function filterNamed(kinds: FilterKind[], name: string): { kind: FilterKind; comparison: Comparison | undefined } {
  for (const kind of kinds) {
    if (kind.name === name && !kind.comparisons) return { kind, comparison: undefined };
    const comparison = kind.comparisons?.find(({ ending }) => kind.name + ending === name);
    if (comparison) return { kind, comparison };
  }
  return { kind: { name, label: humanize(name), type: 'text' }, comparison: undefined };
}

/** Filters that programs use: other names of one, and conditions that the pages set themselves. */
const FOR_PROGRAMS = /^(tag_name|tags__.*|exclude_.*|exists_for_.*|test)$/;

export function filterKinds(resource: Resource, fields: Fields, states: { key: number; label: string }[]): FilterKind[] {
  const { filters } = listOf(resource.kind.api);
  const first = resource.filters ?? [];
  const names = Object.keys(filters).filter((name) => !FOR_PROGRAMS.test(name)).sort((a, b) => rank(first, a) - rank(first, b) || a.localeCompare(b));
  return names.map((name): FilterKind => {
    const field = fields[name];
    const label = translate(field?.label ?? humanize(name));
    const model = field?.model ?? KIND_OF_NAME[name];
    if (name === 'status' && states.length) {
      return { name, label, type: 'choice', choices: states.map((s) => ({ value: String(s.key), label: stateText(s.label) })) };
    }
    if (field?.choices && filters[name] !== 'boolean') {
      const choices = field.choices.map((c) => ({ value: String(c.value), label: translate(c.display_name) }));
      return { name, label, type: 'choice', choices };
    }
    if (filters[name] === 'boolean') return { name, label, type: 'boolean' };
    if (/_(after|before)$/.test(name) || /(^|_)date$/.test(name) || filters[name] === 'date') {
      return { name, label, type: 'date' };
    }
    if (model && filters[name] !== 'string' && kindOf(model)) return { name, label, type: 'related', model };
    if (filters[name] === 'integer' || filters[name] === 'number') return { name, label, type: 'number' };
    return { name, label, type: 'text' };
  });
}

const rank = (first: string[], name: string) => (first.includes(name) ? first.indexOf(name) : first.length);

function TagValue({ value, label, onChange }: { value: string; label: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const tags = useTags(text);
  return (
    <Autocomplete
      size="xs"
      data={tags}
      value={text}
      onChange={setText}
      onOptionSubmit={onChange}
      onKeyDown={(event) => event.key === 'Enter' && tags.includes(text) && onChange(text)}
      aria-label={label}
      comboboxProps={{ withinPortal: false }}
      data-autofocus
    />
  );
}

interface ValueInputProps {
  kind: FilterKind;
  value: string;
  comparison?: Comparison | undefined;
  /** The value, with the name of the filter. */
  onChange: (value: string, name: string) => void;
}

function ValueInput({ kind, value, comparison, onChange: told }: ValueInputProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const [ending, setEnding] = useState(comparison?.ending ?? kind.comparisons?.[0]?.ending ?? '');
  const onChange = (value: string) => told(value, kind.name + ending);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (text) onChange(text);
  };
  if (kind.name === 'tags') return <TagValue value={value} label={kind.label} onChange={onChange} />;
  if (kind.comparisons) {
    return (
      <form onSubmit={submit}>
        <Group gap={6} wrap="nowrap">
          <Select
            size="xs"
            w={108}
            style={{ flex: 'none' }}
            aria-label={t('Comparison')}
            data={kind.comparisons.map(({ ending, sign }) => ({ value: ending || '=', label: t(sign) }))}
            value={ending || '='}
            onChange={(chosen) => setEnding(chosen === '=' || !chosen ? '' : chosen)}
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
          />
          <Autocomplete
            size="xs"
            style={{ flex: 1 }}
            data={kind.suggestions ?? []}
            value={text}
            onChange={setText}
            aria-label={kind.label}
            rightSection={kind.units ? <Text size="xs" c="dimmed">{kind.units}</Text> : undefined}
            comboboxProps={{ withinPortal: false }}
            data-autofocus
          />
          <Button size="compact-sm" type="submit" style={{ flex: 'none' }}>
            {t('Apply')}
          </Button>
        </Group>
      </form>
    );
  }
  switch (kind.type) {
    case 'boolean':
      return (
        <SegmentedControl
          size="xs"
          value={value || 'x'}
          onChange={onChange}
          data={[
            { value: 'true', label: t('Yes') },
            { value: 'false', label: t('No') },
          ]}
        />
      );
    case 'choice':
      return (
        <Select
          size="xs"
          data={kind.choices ?? []}
          value={value || null}
          onChange={(value) => value && onChange(value)}
          aria-label={kind.label}
          comboboxProps={{ withinPortal: false }}
          searchable
        />
      );
    case 'related':
      return (
        <RelatedInput
          size="xs"
          model={kind.model}
          aria-label={kind.label}
          value={value || null}
          onChange={(value) => value !== null && onChange(String(value))}
        />
      );
    default:
      return (
        <form onSubmit={submit}>
          <Group gap={6} wrap="nowrap">
            {kind.type === 'number' ? (
              <NumberInput size="xs" value={text} onChange={(value) => setText(String(value))} aria-label={kind.label} data-autofocus />
            ) : (
              <TextInput
                size="xs"
                type={kind.type === 'date' ? 'date' : 'text'}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
                aria-label={kind.label}
                data-autofocus
              />
            )}
            <Button size="compact-sm" type="submit">
              {t('Apply')}
            </Button>
          </Group>
        </form>
      );
  }
}

function ValueText({ kind, value }: { kind: FilterKind; value: string }) {
  const related = kindOf(kind.model);
  const { data } = useQuery({
    queryKey: ['choice', related?.api, 'pk', value],
    queryFn: ({ signal }) => get<Row>(`${related?.api}${value}/`, related?.query ?? {}, signal),
    enabled: kind.type === 'related' && Boolean(related) && /^\d+$/.test(value),
    staleTime: 60_000,
  });
  if (kind.type === 'boolean') return <>{translate(value === 'true' ? 'Yes' : 'No')}</>;
  if (kind.type === 'choice') return <>{kind.choices?.find((choice) => choice.value === value)?.label ?? value}</>;
  if (kind.type === 'date') return <>{date(value)}</>;
  if (kind.type === 'related') return <>{data ? nameOf(data, related) : value}</>;
  return <>{value}</>;
}

interface ChipProps {
  kind: FilterKind;
  comparison: Comparison | undefined;
  value: string;
  onChange: (value: string | null, name: string) => void;
}

function Chip({ kind, comparison, value, onChange }: ChipProps) {
  const { t } = useTranslation();
  const own = kind.name + (comparison?.ending ?? '');
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-start" trapFocus withinPortal>
      <Popover.Target>
        <Button.Group>
          <Button size="compact-sm" variant="light" fw={500} onClick={() => setIsOpen((open) => !open)} maw={320}>
            <Text span size="xs" c="dimmed" mr={5}>
              {kind.label}
              {comparison?.ending ? ` ${t(comparison.sign)}` : ''}
            </Text>
            <Text span size="xs" truncate>
              <ValueText kind={kind} value={value} />
            </Text>
          </Button>
          <Button
            size="compact-sm"
            variant="light"
            px={0}
            w={26}
            aria-label={t('Remove the filter {{name}}', { name: kind.label })}
            onClick={() => onChange(null, own)}
          >
            <IconX size={13} />
          </Button>
        </Button.Group>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <ValueInput
          kind={kind}
          value={value}
          comparison={comparison}
          onChange={(value, name) => {
            onChange(value, name);
            setIsOpen(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

interface Props {
  resource: Resource;
  fields: Fields;
  values: Record<string, string>;
  /** Filters that the page sets itself; not offered. */
  fixed: string[];
  onChange: (values: Record<string, string>) => void;
}

const NO_FILTERS: FilterKind[] = [];
const noMoreFilters = () => NO_FILTERS;

export function useFilterKinds({ resource, fields, fixed }: Pick<Props, 'resource' | 'fields' | 'fixed'>): FilterKind[] {
  const states = useStates(resource.kind.states);
  const more = (resource.useMoreFilters ?? noMoreFilters)();
  const names = fixed.join();
  // some tables have a hundred filters, each with a text
  return useMemo(
    () => [...filterKinds(resource, fields, states), ...more].filter((kind) => !names.split(',').includes(kind.name)),
    [resource, fields, states, more, names],
  );
}

export function FilterMenu({ resource, fields, values, fixed, onChange }: Props) {
  const { t } = useTranslation();
  const kinds = useFilterKinds({ resource, fields, fixed });
  const [isOpen, setIsOpen] = useState(false);
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<FilterKind | null>(null);
  const shown = kinds.filter((kind) => kind.label.toLowerCase().includes(search.toLowerCase()));
  const close = () => {
    setIsOpen(false);
    setChosen(null);
    setSearch('');
  };
  if (kinds.length === 0) return null;
  return (
    <Menu opened={isOpen} onChange={(open) => (open ? setIsOpen(true) : close())} position="bottom-start" width={chosen?.comparisons ? 340 : 260} trapFocus={false}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconFilter size={15} />}>
          {t('Filter')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {chosen ? (
          <Stack gap={6} p={6}>
            <Text size="sm" fw={600}>
              {chosen.label}
            </Text>
            <ValueInput
              kind={chosen}
              value={values[chosen.name] ?? ''}
              onChange={(value, name) => {
                onChange({ ...values, [name]: value });
                close();
              }}
            />
          </Stack>
        ) : (
          <>
            <TextInput
              size="xs"
              m={4}
              placeholder={t('Find a filter')}
              aria-label={t('Find a filter')}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
              onKeyDown={(event) => {
                event.stopPropagation();
                if (event.key === 'Enter' && shown[0]) setChosen(shown[0]);
                if (event.key === 'Escape') close();
              }}
              autoFocus
            />
            <ScrollArea.Autosize mah={320} type="auto">
              {shown.map((kind) => (
                <Menu.Item key={kind.name} closeMenuOnClick={false} onClick={() => setChosen(kind)}>
                  {kind.label}
                </Menu.Item>
              ))}
            </ScrollArea.Autosize>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

export function FilterChips({ resource, fields, values, fixed, onChange }: Props) {
  const { t } = useTranslation();
  const kinds = useFilterKinds({ resource, fields, fixed });
  const set = Object.entries(values);
  if (set.length === 0) return null;
  return (
    <Group gap={6}>
      {set.map(([name, value]) => {
        return (
          <Chip
            key={name}
            {...filterNamed(kinds, name)}
            value={value}
            onChange={(value, to) => {
              const next = { ...values };
              delete next[name];
              if (value !== null) next[to] = value;
              onChange(next);
            }}
          />
        );
      })}
      {set.length > 1 && (
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('Remove all filters')} onClick={() => onChange({})}>
          <IconX size={14} />
        </ActionIcon>
      )}
    </Group>
  );
}
