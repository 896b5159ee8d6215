/** A sheet of labels with codes, printed by the browser: of records, of a location and all below it, of commands or badges. */
import { Alert, Button, Group, Paper, Select, Skeleton, Switch, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { address, get, page, type Query, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { fullName, type User } from '@/app/session';
import { badgeCode, commandCode } from '@/areas/scan/read';
import { usePreference } from '@/shared/preference';
import classes from './Labels.module.css';

const MOST = 1_000;
const SIZES: Record<string, { label: string; width: number; height: number; columns: number }> = {
  small: { label: '38 × 21 mm, 5 in a row', width: 38, height: 21.2, columns: 5 },
  middle: { label: '64 × 34 mm, 3 in a row', width: 63.5, height: 33.9, columns: 3 },
  large: { label: '99 × 57 mm, 2 in a row', width: 96, height: 57, columns: 2 },
  roll: { label: '62 × 29 mm, one below the other', width: 62, height: 29, columns: 1 },
};

interface Label {
  key: string;
  title: string;
  subtitle: string;
  picture: Query;
}

/** What stands on a label: a location is named by itself, with its path below. */
function labelOf(model: string, row: Row): Label {
  const kind = kindOf(model);
  const title = model === 'stocklocation' ? String(row.name) : (kind?.title(row) ?? `#${row.pk}`);
  const subtitle = model === 'stocklocation' ? String(row.pathstring ?? '') : (kind?.subtitle?.(row) ?? '');
  return { key: `${model}-${row.pk}`, title, subtitle, picture: { model, pk: row.pk } };
}

interface Wanted {
  model?: string;
  pk?: string;
  below?: string;
}

async function labelsFor({ model = '', pk = '', below }: Wanted, words: (text: string) => string): Promise<Label[]> {
  if (model === 'command') {
    return [
      { key: 'done', title: words('Done'), subtitle: words('Ends the current scan'), picture: { barcode: commandCode('done') } },
      { key: 'cancel', title: words('Cancel'), subtitle: words('Closes scanning'), picture: { barcode: commandCode('cancel') } },
    ];
  }
  if (model === 'user') {
    const { results } = await page<User>('/api/user/', { limit: MOST, is_active: true });
    return results.map((user) => ({ key: `user-${user.pk}`, title: fullName(user), subtitle: user.username, picture: { barcode: badgeCode(user.pk) } }));
  }
  const kind = kindOf(model);
  if (!kind) return [];
  const rows: Row[] = [];
  for (const key of pk.split(',').filter(Boolean)) {
    rows.push(await get<Row>(`${kind.api}${key}/`, kind.query ?? {}));
    if (below) {
      const { results } = await page(kind.api, { ...kind.query, parent: key, cascade: true, limit: MOST, ordering: 'name' });
      const below = results.filter((row) => !rows.some((other) => other.pk === row.pk));
      below.sort((a, b) => String(a.pathstring).localeCompare(String(b.pathstring), undefined, { numeric: true }));
      rows.push(...below);
    }
  }
  return rows.map((row) => labelOf(model, row));
}

export default function Labels() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const wanted = useSearch({ strict: false }) as Wanted;
  const [size, setSize] = usePreference('labels.size', 'middle');
  const [copies, setCopies] = useState('1');
  const { data, error } = useQuery({ queryKey: ['labels', wanted], queryFn: () => labelsFor(wanted, t) });
  const { width, height, columns } = SIZES[size] ?? SIZES.middle!;
  const labels = (data ?? []).flatMap((label) => Array.from({ length: Number(copies) }, (_, at) => ({ ...label, key: `${label.key}-${at}` })));
  const change = (news: Wanted) => void navigate({ to: '/labels' as never, search: { ...wanted, ...news } as never, replace: true });
  const isTree = wanted.model === 'stocklocation';
  return (
    <div className={classes.page}>
      <Paper className={classes.tools} p="sm" withBorder maw={900} mx="auto">
        <Group justify="space-between" align="flex-end" gap="sm">
          <Group gap="xs" wrap="nowrap">
            <Button variant="default" px={10} aria-label={t('Back')} onClick={() => window.history.back()}>
              <IconArrowLeft size={18} />
            </Button>
            <Title order={1} size="h4">
              {t('{{count}} labels', { count: labels.length })}
            </Title>
          </Group>
          <Group gap="sm" align="flex-end">
            {isTree && (
              <Switch mb={8} label={t('Include levels below')} checked={Boolean(wanted.below)} onChange={(event) => change({ below: event.currentTarget.checked ? '1' : '' })} />
            )}
            {!wanted.pk && (
              <Select
                label={t('Labels for')}
                w={150}
                allowDeselect={false}
                value={wanted.model ?? null}
                onChange={(model) => model && change({ model })}
                data={[{ value: 'command', label: t('Commands') }, { value: 'user', label: t('User badges') }]}
              />
            )}
            <Select label={t('Size')} w={240} allowDeselect={false} value={size in SIZES ? size : 'middle'} onChange={(value) => value && setSize(value)} data={Object.entries(SIZES).map(([value, { label }]) => ({ value, label: t(label) }))} />
            <Select label={t('Copies')} w={80} allowDeselect={false} value={copies} onChange={(value) => value && setCopies(value)} data={['1', '2', '3', '4', '5', '10']} />
            <Button leftSection={<IconPrinter size={18} />} disabled={labels.length === 0} onClick={() => window.print()}>
              {t('Print')}
            </Button>
          </Group>
        </Group>
      </Paper>
      {error && <Alert color="red" mt="md" maw={900} mx="auto">{error.message}</Alert>}
      {!data && !error && <Skeleton height={300} mt="md" maw={900} mx="auto" />}
      {data && labels.length === 0 && <Text ta="center" c="dimmed" mt="xl">{t('Choose what to print labels for. You can print labels for parts, stock, and locations from their pages.')}</Text>}
      {labels.length > 0 && (
        <div className={classes.sheet} style={{ gridTemplateColumns: `repeat(${columns}, ${width}mm)` }}>
          {labels.map((label) => (
            <div key={label.key} className={classes.label} style={{ width: `${width}mm`, height: `${height}mm` }}>
              <img src={address('/api/barcode/picture/', label.picture)} alt={t('Barcode of {{name}}', { name: label.title })} />
              <div className={classes.words}>
                <div className={classes.title} style={{ fontSize: `${Math.min(5, height / 8)}mm` }}>{label.title}</div>
                {label.subtitle && label.subtitle !== label.title && <div className={classes.subtitle}>{label.subtitle}</div>}
              </div>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
