/** A form that derives from what the server says of an address (OPTIONS), and shows its errors at their fields. */
import { Alert, Button, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { ApiError, call, type Row } from '@/api/client';
import { type Fields, metadata } from '@/api/options';
import { useTranslation } from '@/app/i18n';
import type { FormFields } from '../description';
import { withProgress } from '../progress';
import { FieldInput } from './FieldInput';
import classes from './Form.module.css';
import { firstItems, type Item, Items, type ItemsSpec, itemsBody } from './Items';
import { useUnits } from './units';
import { initialValues, payload, readyFields, type ReadyField, type Values, withFiles } from './values';

export interface FormSpec {
  title: string;
  url: string;
  method?: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Fields in order; without them, all that can be written. */
  fields?: FormFields;
  /** A row that is changed, or values to begin with. */
  initial?: Row | Values;
  /** Values that are sent, but not shown. */
  fixed?: Values;
  items?: ItemsSpec;
  /** Changes what is sent. */
  transform?: (values: Values) => Values;
  /** Sends it, where that is more than one request. */
  send?: (values: Values) => Promise<unknown>;
  submit?: string;
  color?: string;
  /** Text above the fields. */
  intro?: ReactNode;
  /** Told of the answer, and of what was sent. */
  onDone?: (answer: unknown, sent: Values) => void | Promise<void>;
  size?: string;
  /** It cannot be undone, and the form says so. */
  isFinal?: boolean;
  /** Stays open for the next one, with what is kept of the values. */
  again?: (values: Values) => Values;
}

/** The request of a form that is a single one. */
export const sendForm = ({ method = 'POST', url }: Pick<FormSpec, 'method' | 'url'>, values: Values) => call(method, url, { body: withFiles(values) });

/** Opens a form in a dialog. */
export function openForm(spec: FormSpec): void {
  const id = modals.open({
    title: spec.title,
    size: spec.size ?? (spec.items ? 'xl' : 'lg'),
    children: <DerivedForm spec={spec} onClose={() => modals.close(id)} />,
  });
}

interface FormProps {
  spec: FormSpec;
  onClose: () => void;
}

export function DerivedForm({ spec, onClose }: FormProps) {
  const { data, error, isPending } = useQuery(metadata(spec.url));
  const method = spec.method ?? 'POST';
  const fields = data?.actions?.[method === 'PATCH' ? 'PUT' : method] ?? data?.actions?.[method];
  const { t } = useTranslation();
  if (isPending) return <Skeleton height={180} />;
  if (error) return <Alert color="red">{error.message}</Alert>;
  if (!fields && !spec.fields?.some((field) => typeof field !== 'string' && field.field) && !spec.items) {
    return <Alert color="yellow">{t('You do not have permission to do this.')}</Alert>;
  }
  return <Ready spec={spec} method={method} fields={fields ?? {}} onClose={onClose} />;
}

const WIDE = new Set(['description', 'link', 'notes', 'keywords', 'tags', 'name', 'title', 'serial_numbers']);
const isWide = ({ name, field }: ReadyField) =>
  WIDE.has(name) || (field.type === 'related field' && field.required) || (field.max_length ?? 0) > 260;

function Ready({ spec, method, fields, onClose }: FormProps & { method: string; fields: Fields }) {
  const { t } = useTranslation();
  const ready = useMemo(() => readyFields(fields, spec.fields), [fields, spec.fields]);
  const isNew = method === 'POST' || method === 'DELETE';
  const first = useMemo(() => initialValues(ready, spec.initial), [ready, spec.initial]);
  const [values, setValues] = useState<Values>(first);
  const [items, setItems] = useState<Item[]>(() => (spec.items ? firstItems(spec.items) : []));
  const [errors, setErrors] = useState<Record<string, string[]>>({});
  const [general, setGeneral] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [isAgain, setIsAgain] = useState(false);

  const unit = useUnits(ready, { ...spec.fixed, ...values });
  const visible = ready.filter((entry) => !entry.hidden && (!entry.when || entry.when(values)));
  const set = (name: string, value: unknown) => {
    setValues((values) => ({ ...values, [name]: value }));
    setErrors(({ [name]: _, ...others }) => others);
  };

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setErrors({});
    setGeneral('');
    setIsSending(true);
    try {
      let body: Values = { ...payload(ready, values, first, isNew), ...spec.fixed };
      if (spec.items) body[spec.items.name] = itemsBody(spec.items, items);
      if (spec.transform) body = spec.transform(body);
      await withProgress(spec.submit ?? t('Save'), async () => {
        const answer = await (spec.send ? spec.send(body) : sendForm(spec, body));
        await spec.onDone?.(answer, body);
      });
      if (isAgain && spec.again) setValues({ ...first, ...spec.again(values) });
      else onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const known = new Set(visible.map((entry) => entry.name));
      const elsewhere = Object.entries(error.fields).filter(
        ([name]) => !known.has(name) && !(spec.items && name.startsWith(`${spec.items.name}.`)),
      );
      setErrors(error.fields);
      const isAtFields = Object.keys(error.fields).length > 0;
      const words = elsewhere.map(([name, texts]) => `${fields[name]?.label ?? name}: ${texts.join(' ')}`);
      setGeneral(isAtFields ? words.join('\n') : error.message);
    } finally {
      setIsSending(false);
    }
  };

  const focused = visible.findIndex((entry) => !entry.field.read_only && (values[entry.name] ?? '') === '');
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        {spec.intro}
        {general && (
          <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>
            {general}
          </Alert>
        )}
        {spec.items && <Items spec={spec.items} items={items} onChange={setItems} errors={errors} />}
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing="xs">
          {visible.map((entry, index) => (
            <div key={entry.name} style={isWide(entry) ? { gridColumn: '1 / -1' } : undefined}>
              <FieldInput
                name={entry.name}
                field={{ ...entry.field, label: entry.label ?? entry.field.label }}
                value={values[entry.name]}
                error={errors[entry.name]?.join(' ')}
                filters={entry.filters?.(values)}
                unit={unit(entry.name)}
                autoFocus={index === Math.max(0, focused)}
                onChange={(value) => set(entry.name, value)}
              />
            </div>
          ))}
        </SimpleGrid>
        <Group justify="flex-end" className={classes.foot}>
          {spec.isFinal && (
            <Text size="sm" c="dimmed" mr="auto">
              {t('This cannot be undone.')}
            </Text>
          )}
          <Button variant="default" onClick={onClose}>
            {t('Cancel')}
          </Button>
          {spec.again && (
            <Button type="submit" variant="light" loading={isSending && isAgain} onClick={() => setIsAgain(true)}>
              {t('Save and next')}
            </Button>
          )}
          <Button
            type="submit"
            loading={isSending && !isAgain}
            onClick={() => setIsAgain(false)}
            disabled={Boolean(spec.items) && items.length === 0}
            {...(spec.color && { color: spec.color })}
          >
            {spec.submit ?? t('Save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
