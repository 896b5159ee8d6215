/** Prints labels and reports: template, printer, options, progress; then the file, or the printer has it. */
import { Alert, Anchor, Button, Group, Progress, Select, SimpleGrid, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, page, post, type Row } from '@/api/client';
import { type Field, type Fields, metadata } from '@/api/options';
import { translate, useTranslation } from '@/app/i18n';
import { kind as kindNamed, linkTo } from '@/app/registry';
import { useMay, useUser } from '@/app/session';
import type { Printing } from '../description';
import { FieldInput } from '../form/FieldInput';
import { quantity } from '../format';
import { succeeded } from '../notify';
import { addressOf, type Output, percentOf, printFile, save, waitFor } from '../output';
import { usePreference } from '../preference';
import { machinesQuery, PRINTS, printersQuery, type Template, templatesFor } from './printable';

const MOST_BELOW = 1_000;
/** Fields of a request that are chosen here in other ways. */
const OWN = new Set(['template', 'items', 'plugin', 'machine']);

/** Options that only sheets have. */
const OF_SHEETS = new Set(['page_size', 'landscape', 'skip', 'border', 'margin', 'gap', 'columns', 'rows']);

/** Whether an option says something to what prints; servers may describe those of all together. */
const isFor = (plugin: string | undefined, name: string): boolean =>
  OF_SHEETS.has(name) ? plugin === undefined || plugin.includes('sheet') : !name.startsWith('driver_options.') || (plugin?.includes('machine') ?? true);

/** Where it goes: into a file, which is opened, saved, or printed by the browser; or to a machine. */
const INTO_FILE = ['open', 'browser', 'save'] as const;
type IntoFile = (typeof INTO_FILE)[number];
const isIntoFile = (way: string): way is IntoFile => (INTO_FILE as readonly string[]).includes(way);
const WAYS: Record<IntoFile, string> = { open: 'Open the PDF', browser: 'Print with the browser', save: 'Save the PDF' };

interface Choice {
  template?: number;
  plugin?: string;
  way?: string;
  options?: Record<string, unknown>;
}
const FIRST: Choice = {};
const KIND: Record<Printing, string> = { label: 'labeltemplate', report: 'reporttemplate' };

export function openPrint(printing: Printing, model: string, rows: Row[], go: (to: string) => void, about?: string): void {
  const kind = kindNamed(model);
  const [only] = rows;
  const id = modals.open({
    title: translate(printing === 'label' ? 'Print labels' : 'Print a report'),
    size: 'md',
    children: (
      <PrintForm
        printing={printing}
        model={model}
        keys={rows.map((row) => row.pk)}
        about={about ?? (rows.length === 1 && only ? kind.title(only) : `${quantity(rows.length)} × ${translate(kind.name)}`)}
        onClose={() => modals.close(id)}
        onGo={(to) => {
          modals.close(id);
          go(to);
        }}
      />
    ),
  });
}

/** Keys of records and of all below them. */
async function withAllBelow(api: string, keys: number[]): Promise<number[]> {
  const found = new Set(keys);
  for (const parent of keys) {
    const { results } = await page(api, { parent, cascade: true, limit: MOST_BELOW, ordering: 'pathstring' });
    results.forEach((row) => found.add(row.pk));
  }
  return [...found];
}

/** `62 × 29 mm` or `A4`. */
const sizeOf = (template: Template): string =>
  template.width && template.height
    ? `${quantity(template.width)} × ${quantity(template.height)} mm`
    : [template.page_size, template.landscape ? translate('landscape') : ''].filter(Boolean).join(' ');

/** Options with those that are nested, in one list of names with dots. */
function flat(fields: Fields, before = ''): [string, Field][] {
  return Object.entries(fields).flatMap(([name, field]): [string, Field][] => {
    if (before === '' && OWN.has(name)) return [];
    if (field.read_only) return [];
    return field.children ? flat(field.children, `${before}${name}.`) : [[before + name, field]];
  });
}

function nested(values: Record<string, unknown>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === '') continue;
    const steps = path.split('.');
    let place = body;
    for (const step of steps.slice(0, -1)) place = (place[step] ??= {}) as Record<string, unknown>;
    place[steps.at(-1) ?? path] = value;
  }
  return body;
}

const sentAs = (field: Field, value: unknown) =>
  field.type === 'integer' && typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;

interface FormProps {
  printing: Printing;
  model: string;
  keys: number[];
  about: string;
  onClose: () => void;
  /** Leaves for another page; dialogs stand outside of the router. */
  onGo: (to: string) => void;
}

function PrintForm(props: FormProps) {
  const { data: templates, error } = useQuery(templatesFor(props.printing, props.model, props.keys));
  const printers = useQuery({ ...printersQuery, enabled: props.printing === 'label' });
  const { t } = useTranslation();
  const user = useUser();
  if (error) return <Alert color="red">{error.message}</Alert>;
  if (!templates || printers.isLoading) return <Skeleton height={180} />;
  if (templates.length === 0) {
    const list = kindNamed(KIND[props.printing]);
    return (
      <Stack gap="sm">
        <Text size="sm">{t('No template matches these records. Templates can be limited to certain records.')}</Text>
        {user.is_staff && (
          <Anchor size="sm" component="button" type="button" ta="start" onClick={() => props.onGo(`/${list.path}`)}>
            {t(list.plural)}
          </Anchor>
        )}
      </Stack>
    );
  }
  return <Ready {...props} templates={templates} plugins={printers.data?.map(({ key, name }) => ({ key, name })) ?? []} />;
}

interface ReadyProps extends FormProps {
  templates: Template[];
  plugins: { key: string; name: string }[];
}

function Ready({ printing, model, keys, about, onClose, onGo, templates, plugins }: ReadyProps) {
  const { t } = useTranslation();
  const user = useUser();
  const may = useMay();
  const { api } = kindNamed(model);
  const templateKind = kindNamed(KIND[printing]);
  const [kept, keep] = usePreference<Choice>(`print.${printing}.${model}`, FIRST);
  const [choice, setChoice] = useState<Choice>(kept);
  const [isDeep, setIsDeep] = useState(false);
  const [errors, setErrors] = useState<Record<string, string[]>>({});
  const [general, setGeneral] = useState('');
  const [output, setOutput] = useState<Output | null>(null);
  const stop = useRef<AbortController | null>(null);
  const submit = useRef<HTMLButtonElement>(null);
  useEffect(() => submit.current?.focus(), []);
  useEffect(() => () => stop.current?.abort(), []);

  const template = templates.find(({ pk }) => pk === choice.template) ?? templates[0];
  // machines are the choices of the plug-in that prints on them
  const machinePlugin = plugins.find(({ key }) => key.includes('machine'))?.key;
  const { data: ofMachines } = useQuery({ ...metadata(`${PRINTS.label}?plugin=${machinePlugin ?? ''}`), enabled: machinePlugin !== undefined });
  const choices = ofMachines?.actions?.POST?.machine?.choices;
  const { data: listed } = useQuery({ ...machinesQuery, enabled: ofMachines !== undefined && choices === undefined && may('machine_machineconfig', 'view') });
  const machines =
    choices?.map(({ value, display_name }) => ({ value: String(value), label: display_name })) ?? listed?.map(({ pk, name }) => ({ value: pk, label: name })) ?? [];
  const forms = plugins.filter(({ key }) => key !== machinePlugin);
  const way = choice.way && (isIntoFile(choice.way) || machines.some(({ value }) => value === choice.way)) ? choice.way : 'open';
  const isFile = isIntoFile(way);
  const plugin = isFile ? (forms.find(({ key }) => key === choice.plugin)?.key ?? forms[0]?.key) : machinePlugin;
  // each machine has options of its own
  const ofMachine = isFile ? '' : `&machine=${way}`;
  const { data: described } = useQuery(metadata(`${PRINTS[printing]}${plugin ? `?plugin=${plugin}${ofMachine}` : ''}`));
  const options = useMemo(() => flat(described?.actions?.POST ?? {}).filter(([name]) => printing === 'report' || isFor(plugin, name)), [described, plugin, printing]);
  const valueOf = ([name, field]: [string, Field]) => choice.options?.[name] ?? field.default ?? (field.type === 'boolean' ? false : null);
  const change = (news: Partial<Choice>) => {
    setChoice((choice) => ({ ...choice, ...news }));
    setErrors({});
    setGeneral('');
  };

  const finish = async ({ output: path }: Output, tab: Window | null) => {
    if (!path || !isFile) return succeeded(translate('Sent to the printer'));
    if (way === 'save') save(path);
    else if (way === 'browser') await printFile(path);
    else if (tab) tab.location.href = addressOf(path);
    else save(path);
  };

  const print = async (event: React.FormEvent) => {
    event.preventDefault();
    if (!template) return;
    // opened at once: later it would not be allowed
    const tab = way === 'open' ? window.open('', '_blank') : null;
    stop.current = new AbortController();
    const { signal } = stop.current;
    setErrors({});
    setGeneral('');
    setOutput({ pk: 0, complete: false, progress: 0, total: 0, output: null, errors: null });
    keep({ ...choice, template: template.pk, way, ...(plugin && isFile && { plugin }) });
    try {
      const items = isDeep ? await withAllBelow(api, keys) : keys;
      const values = Object.fromEntries(options.map((option) => [option[0], sentAs(option[1], valueOf(option))]));
      const first = await post<Output>(PRINTS[printing], {
        template: template.pk,
        items,
        ...(printing === 'label' && plugin && { plugin }),
        ...(!isFile && { machine: way }),
        ...nested(values),
      });
      const done = await waitFor(first, setOutput, signal);
      if (!done) return tab?.close();
      await finish(done, tab);
      onClose();
    } catch (error) {
      tab?.close();
      if (error instanceof ApiError) {
        setErrors(error.fields);
        const known = new Set(['template', 'plugin', 'machine', ...options.map(([name]) => name)]);
        const elsewhere = Object.entries(error.fields).filter(([name]) => !known.has(name));
        setGeneral(Object.keys(error.fields).length ? elsewhere.map(([name, texts]) => `${name}: ${texts.join(' ')}`).join('\n') : error.message);
      } else setGeneral(error instanceof Error ? error.message : String(error));
    } finally {
      setOutput(null);
    }
  };

  const percent = output ? percentOf(output) : undefined;
  const isPrinting = output !== null;
  return (
    <form onSubmit={(event) => void print(event)} noValidate>
      <Stack gap="sm">
        <Text size="sm" c="dimmed" lineClamp={2}>
          {about}
        </Text>
        {general && (
          <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
            {general}
          </Alert>
        )}
        <Select
          label={t('Template')}
          data={templates.map((entry) => ({ value: String(entry.pk), label: [entry.name, sizeOf(entry)].filter(Boolean).join(' · ') }))}
          description={template?.description}
          value={template ? String(template.pk) : null}
          onChange={(pk) => pk && change({ template: Number(pk) })}
          error={errors.template?.join(' ')}
          searchable={templates.length > 8}
          allowDeselect={false}
          disabled={isPrinting}
        />
        <SimpleGrid cols={{ base: 1, xs: isFile && forms.length > 1 ? 2 : 1 }} spacing="sm">
          <Select
            label={t('Print to')}
            data={[
              ...(machines.length ? [{ group: t('Printers'), items: machines }] : []),
              { group: t('This device'), items: INTO_FILE.map((value) => ({ value, label: t(WAYS[value]) })) },
            ]}
            value={way}
            onChange={(way) => way && change({ way })}
            error={errors.machine?.join(' ')}
            allowDeselect={false}
            disabled={isPrinting}
          />
          {isFile && forms.length > 1 && (
            <Select
              label={t('Format')}
              data={forms.map(({ key, name }) => ({ value: key, label: t(name) }))}
              value={plugin ?? null}
              onChange={(plugin) => plugin && change({ plugin })}
              error={errors.plugin?.join(' ')}
              allowDeselect={false}
              disabled={isPrinting}
            />
          )}
        </SimpleGrid>
        {options.length > 0 && (
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing="xs">
            {options.map((option) => (
              <FieldInput
                key={option[0]}
                name={option[0]}
                field={option[1]}
                value={valueOf(option)}
                error={errors[option[0]]?.join(' ')}
                onChange={(value) => change({ options: { ...choice.options, [option[0]]: value } })}
              />
            ))}
          </SimpleGrid>
        )}
        {model === 'stocklocation' && (
          <Switch label={t('Include levels below')} checked={isDeep} onChange={(event) => setIsDeep(event.currentTarget.checked)} disabled={isPrinting} />
        )}
        {isPrinting && <Progress value={percent ?? 100} animated={percent === undefined} striped={percent === undefined} aria-label={t('Progress')} />}
        <Group justify="space-between">
          {user.is_staff && template ? (
            <Anchor size="xs" component="button" type="button" onClick={() => onGo(linkTo(templateKind, template.pk, 'template'))}>
              {t('Edit the template')}
            </Anchor>
          ) : (
            <span />
          )}
          <Group gap="xs">
            <Button variant="default" onClick={() => (isPrinting ? stop.current?.abort() : onClose())}>
              {t(isPrinting ? 'Stop' : 'Cancel')}
            </Button>
            <Button ref={submit} type="submit" leftSection={<IconPrinter size={17} />} loading={isPrinting} data-autofocus>
              {t('Print')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
