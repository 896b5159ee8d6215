/** The editor of a template: its text, what it makes of a record, and the size of its pages. */
import { Alert, Anchor, Button, Group, NumberInput, Select, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { at, call, page as pageOf, type Row } from '@/api/client';
import { metadata } from '@/api/options';
import { translate, useTranslation } from '@/app/i18n';
import { kind, kindOf } from '@/app/registry';
import { useMay } from '@/app/session';
import type { Printing, TabProps } from '@/shared/description';
import { succeeded } from '@/shared/notify';
import { usePreference } from '@/shared/preference';
import { CodeEditor, type EditorHandle, type Fault } from './CodeEditor';
import classes from './Editor.module.css';
import { Insert } from './Insert';
import { Preview } from './Preview';
import { namesQuery, tryTemplate, type TemplateFault } from './preview';

/** After the last key, before a preview is made. */
const PAUSE = 500;
const SHORTEST = 2;

export interface EditorSpec {
  model: string;
  /** Field that has the file. */
  field: string;
  /** Name of a new file. */
  file: string;
  printing?: Printing;
}

const fileName = (value: unknown, otherwise: string) => String(value ?? '').split('/').pop() || otherwise;
export const fileOf = (text: string, name: string) => new File([text], name, { type: 'text/html' });

async function readText(address: string): Promise<string> {
  const response = await fetch(at(address.replace(/^https?:\/\/[^/]+/, '')), { credentials: 'same-origin' });
  if (!response.ok) throw new Error(translate('Cannot read the file of this template ({{status}}).', { status: response.status }));
  return response.text();
}

/** Fields of the template that say how large its pages are. */
const PAGE_FIELDS: Record<Printing, string[]> = { label: ['width', 'height'], report: ['page_size', 'landscape', 'merge'] };
type Size = Record<string, unknown>;

const sizeOf = (printing: Printing | undefined, row: Row): Size =>
  Object.fromEntries((printing ? PAGE_FIELDS[printing] : []).map((name) => [name, row[name]]));

function SizeFields({ printing, size, onChange, isReadOnly }: { printing: Printing; size: Size; onChange: (size: Size) => void; isReadOnly: boolean }) {
  const { t } = useTranslation();
  const { data } = useQuery(metadata(`/api/${printing}/template/`));
  const set = (name: string, value: unknown) => onChange({ ...size, [name]: value });
  if (printing === 'label') {
    return (
      <Group gap={6} wrap="nowrap">
        {(['width', 'height'] as const).map((name) => (
          <NumberInput
            key={name}
            size="xs"
            w={82}
            min={SHORTEST}
            decimalScale={2}
            aria-label={t(name === 'width' ? 'Width in mm' : 'Height in mm')}
            suffix=" mm"
            value={Number(size[name])}
            onChange={(value) => typeof value === 'number' && value >= SHORTEST && set(name, value)}
            readOnly={isReadOnly}
          />
        ))}
      </Group>
    );
  }
  const sizes = data?.actions?.GET?.page_size?.choices ?? data?.actions?.POST?.page_size?.choices ?? [];
  return (
    <Group gap="sm" wrap="nowrap">
      <Select
        size="xs"
        w={86}
        aria-label={t('Page size')}
        data={sizes.length ? sizes.map(({ value, display_name }) => ({ value: String(value), label: display_name })) : ['A4', 'A3', 'Legal', 'Letter']}
        value={String(size.page_size ?? 'A4')}
        onChange={(value) => value && set('page_size', value)}
        allowDeselect={false}
        readOnly={isReadOnly}
      />
      <Switch size="xs" label={t('Landscape')} checked={Boolean(size.landscape)} onChange={(event) => set('landscape', event.currentTarget.checked)} disabled={isReadOnly} />
    </Group>
  );
}

/** The newest record of a kind, to begin with. */
function useFirst(model: string | undefined, isWanted: boolean): number | null {
  const found = kindOf(model);
  const { data } = useQuery({
    queryKey: ['rows', found?.api, 'first'],
    queryFn: ({ signal }) => pageOf(found?.api ?? '', { limit: 1 }, signal),
    enabled: isWanted && found !== undefined,
    staleTime: Infinity,
  });
  return data?.results[0]?.pk ?? null;
}

export default function TemplateEditor({ spec, row, refresh }: { spec: EditorSpec } & TabProps) {
  const address = String(row[spec.field] ?? '');
  const { data, error } = useQuery({
    queryKey: ['template', address, row.revision],
    queryFn: () => readText(address),
    enabled: address !== '',
    staleTime: Infinity,
  });
  if (error) return <Alert color="red">{error.message}</Alert>;
  if (data === undefined) return <Skeleton height={360} />;
  return <Ready spec={spec} row={row} refresh={refresh} stored={data} address={address} />;
}

interface ReadyProps extends TabProps {
  spec: EditorSpec;
  stored: string;
  address: string;
}

const NO_FAULTS: TemplateFault[] = [];

function Ready({ spec, row, refresh, stored, address }: ReadyProps) {
  const { t } = useTranslation();
  const may = useMay();
  const { printing } = spec;
  const model = printing ? String(row.model_type) : undefined;
  const [text, setText] = useState<string | null>(null);
  const [size, setSize] = useState<Size | null>(null);
  const [fault, setFault] = useState('');
  const [isSaving, setIsSaving] = useState(false);
  const editor = useRef<EditorHandle>(null);
  const now = text ?? stored;
  const sizeNow = size ?? sizeOf(printing, row);
  const isChanged = now !== stored || JSON.stringify(sizeNow) !== JSON.stringify(sizeOf(printing, row));
  const canChange = may(kind(spec.model), 'change');
  useBlocker({
    shouldBlockFn: () => isChanged && !window.confirm(t('Your changes to the template have not been saved. Leave anyway?')),
    enableBeforeUnload: () => isChanged,
    disabled: !isChanged,
  });

  // the record of the preview is remembered for each kind of record
  const [kept, keep] = usePreference<number | null>(`template.record.${model ?? ''}`, null);
  const first = useFirst(model, kept === null);
  const item = kept ?? first;
  const { data: names } = useQuery({ ...namesQuery(printing ?? 'label', model ?? ''), enabled: printing !== undefined });
  const [late] = useDebouncedValue(JSON.stringify({ text: now, page: sizeNow }), PAUSE);
  const tried = useMemo(() => ({ ...(JSON.parse(late) as { text: string; page: Size }), template: row.pk, items: item === null ? [] : [item] }), [late, row.pk, item]);
  const preview = useQuery({
    queryKey: ['template-preview', printing, tried],
    queryFn: () => tryTemplate(printing ?? 'label', { ...tried, format: 'png' }),
    enabled: printing !== undefined && item !== null && canChange,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  // pages of before stay while there is an error
  const pages = useRef<string[]>([]);
  if (preview.data?.pages.length) pages.current = preview.data.pages;
  const made = preview.data && { ...preview.data, pages: preview.data.errors.length ? pages.current : preview.data.pages };
  const all = preview.data?.errors ?? NO_FAULTS;
  const isOwn = (fault: TemplateFault) => !fault.template || fault.template === 'template' || address.endsWith(fault.template);
  const own: Fault[] = useMemo(() => all.filter(isOwn), [all]); // eslint-disable-line react-hooks/exhaustive-deps -- the address stays

  const save = async () => {
    if (!isChanged || isSaving) return;
    setFault('');
    setIsSaving(true);
    try {
      const body = new FormData();
      if (now !== stored) body.append(spec.field, fileOf(now, fileName(address, spec.file)));
      for (const [name, value] of Object.entries(sizeNow)) if (value !== undefined && value !== null) body.append(name, String(value));
      await call('PATCH', `${kind(spec.model).api}${row.pk}/`, { body });
      await refresh();
      setText(null);
      setSize(null);
      succeeded(translate('Saved'));
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setIsSaving(false);
    }
  };
  const discard = () => {
    setText(null);
    setSize(null);
    setFault('');
  };

  return (
    <Stack gap={8} style={{ flex: 1, minHeight: 0 }}>
      <Group justify="space-between" gap={8}>
        <Group gap={8}>
          {canChange && printing && <Insert onInsert={(piece) => editor.current?.insert(piece)} />}
          {printing && <SizeFields printing={printing} size={sizeNow} onChange={setSize} isReadOnly={!canChange} />}
          <Anchor href={at(address.replace(/^https?:\/\/[^/]+/, ''))} target="_blank" size="xs" c="dimmed">
            {fileName(address, spec.file)}
          </Anchor>
        </Group>
        {canChange && (
          <Group gap={8}>
            {isChanged && (
              <Text size="xs" c="dimmed">
                {t('Not saved yet')}
              </Text>
            )}
            <Button size="xs" variant="default" disabled={!isChanged} onClick={discard}>
              {t('Discard')}
            </Button>
            <Button size="xs" disabled={!isChanged} loading={isSaving} onClick={() => void save()}>
              {t('Save')}
            </Button>
          </Group>
        )}
      </Group>
      {fault && (
        <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>
          {fault}
        </Alert>
      )}
      <div className={classes.place} style={printing ? undefined : { gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <div className={classes.code}>
          <CodeEditor
            label={t('Template text')}
            value={now}
            onChange={setText}
            onSave={() => void save()}
            names={names}
            faults={own}
            isReadOnly={!canChange}
            handle={editor}
          />
        </div>
        {printing && (
          <Preview
            printing={printing}
            model={model ?? ''}
            item={item}
            onItem={keep}
            tried={tried}
            made={made}
            error={preview.error}
            isWorking={preview.isFetching}
            onFault={(fault) => isOwn(fault) && editor.current?.goTo(fault.line, fault.column)}
          />
        )}
      </div>
    </Stack>
  );
}
