/** The steps of shop floor mode: each asks one thing. */
import { ActionIcon, Badge, Button, Group, Stack, Text, TextInput, Title, UnstyledButton } from '@mantine/core';
import { IconMinus, IconPlus, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { page, type Row } from '@/api/client';
import { colorOf, useStates } from '@/api/states';
import { useTranslation } from '@/app/i18n';
import { kind } from '@/app/registry';
import { fullName, type User } from '@/app/session';
import { quantity } from '@/shared/format';
import { RelatedInput } from '@/shared/RelatedInput';
import { isPlaceOf, OK, rootOfUse, type Who } from './lend';
import classes from './Shop.module.css';
import type { Way } from './Shop';

const FEW = 8;

export function People({ me, people, onChoose }: { me: User; people: User[]; onChoose: (user: User) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const others = people.filter((user) => user.pk !== me.pk && `${fullName(user)} ${user.username}`.toLowerCase().includes(text.toLowerCase()));
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">{t('Who are you?')}</Title>
      <Text c="dimmed">{t('Scan your badge or choose your name.')}</Text>
      <UnstyledButton className={classes.choice} data-main onClick={() => onChoose(me)}>
        <IconUser size={26} /> {fullName(me)}
      </UnstyledButton>
      {people.length > FEW && <TextInput size="lg" aria-label={t('Name')} placeholder={t('Name')} value={text} onChange={(event) => setText(event.currentTarget.value)} />}
      {others.slice(0, FEW).map((user) => (
        <UnstyledButton key={user.pk} className={classes.choice} onClick={() => onChoose(user)}>
          <IconUser size={26} /> {fullName(user)}
        </UnstyledButton>
      ))}
    </Stack>
  );
}

export function Projects({ projects, onChoose }: { projects: Row[]; onChoose: (project: Row | null) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const shown = projects.filter((row) => `${String(row.code)} ${String(row.description)}`.toLowerCase().includes(text.toLowerCase()));
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">{t('Which project is it for?')}</Title>
      <UnstyledButton className={classes.choice} data-main onClick={() => onChoose(null)}>
        {t('No project')}
      </UnstyledButton>
      {projects.length > FEW && <TextInput size="lg" aria-label={t('Project')} placeholder={t('Project')} value={text} onChange={(event) => setText(event.currentTarget.value)} />}
      {shown.slice(0, FEW).map((row) => (
        <UnstyledButton key={row.pk} className={classes.choice} onClick={() => onChoose(row)}>
          <span>
            <Text span fw={600} inherit>{String(row.code)}</Text>
            <Text component="div" size="sm" c="dimmed">{String(row.description ?? '')}</Text>
          </span>
        </UnstyledButton>
      ))}
    </Stack>
  );
}

/** Bags with a part, those that expire first at the top. */
function Bags({ part }: { part: Row }) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['shop', 'bags', part.pk],
    queryFn: () => page('/api/stock/', { ...kind('stockitem').query, part: part.pk, in_stock: true, available: true, ordering: 'expiry_date', limit: FEW }),
  });
  if (data?.results.length === 0) return <Text size="lg" c="red">{t('This part is not in stock.')}</Text>;
  return (
    <Stack gap={6}>
      {data?.results.map((row) => (
        <Group key={row.pk} justify="space-between" wrap="nowrap" className={classes.choice}>
          <Text inherit truncate>{(row.location_detail as { pathstring?: string } | null)?.pathstring ?? t('No location')}</Text>
          <Text inherit fw={600} style={{ whiteSpace: 'nowrap' }}>{row.serial ? `#${String(row.serial)}` : quantity(row.quantity)}</Text>
        </Group>
      ))}
    </Stack>
  );
}

/** What this person has, to bring it back without a label. */
function Mine({ who, onBag }: { who: Who; onBag: (pk: number) => void }) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['shop', 'mine', who.pk],
    queryFn: async () => {
      const root = await rootOfUse();
      if (!root) return [];
      const { results } = await page('/api/stock/', { ...kind('stockitem').query, location: root.pk, cascade: true, in_stock: true, limit: 200 });
      return results.filter((row) => isPlaceOf(who, row.location_detail as Row | null));
    },
  });
  if (!data) return null;
  return (
    <Stack gap={6}>
      <Text c="dimmed">{data.length > 0 ? t('{{name}} has:', { name: who.name }) : t('{{name}} has no items.', { name: who.name })}</Text>
      {data.map((row) => (
        <UnstyledButton key={row.pk} className={classes.choice} onClick={() => onBag(row.pk)}>
          {kind('stockitem').title(row)}
        </UnstyledButton>
      ))}
    </Stack>
  );
}

interface WhatProps {
  way: Way;
  who: Who;
  wanted: Row | null;
  onWanted: (part: Row | null) => void;
  onBag: (pk: number) => void;
}

export function What({ way, who, wanted, onWanted, onBag }: WhatProps) {
  const { t } = useTranslation();
  if (way === 'back') {
    return (
      <Stack gap="sm">
        <Title order={2} size="h3">{t('Scan the items to return')}</Title>
        <Mine who={who} onBag={onBag} />
      </Stack>
    );
  }
  if (wanted) {
    return (
      <Stack gap="sm">
        <Title order={2} size="h3">{t('Scan the pack of {{name}}', { name: kind('part').title(wanted) })}</Title>
        <Bags part={wanted} />
      </Stack>
    );
  }
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">{t('Scan the pack or tool')}</Title>
      <Text c="dimmed">{t('Or search for a part. The pack that you scan is then checked against it.')}</Text>
      <RelatedInput size="lg" aria-label={t('Part')} model="part" filters={{ active: true }} value={null} onChange={(_, row) => onWanted(row ?? null)} />
    </Stack>
  );
}

function AmountInput({ most, value, onChange }: { most: unknown; value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  const step = (by: number) => onChange(String(Math.max(1, Math.min(Number(most), (Number(value) || 0) + by))));
  return (
    <Group gap="sm" wrap="nowrap" justify="center">
      <ActionIcon size={64} radius="lg" variant="default" aria-label={t('Less')} onClick={() => step(-1)}>
        <IconMinus size={30} />
      </ActionIcon>
      <TextInput
        size="xl"
        aria-label={t('Quantity')}
        inputMode="decimal"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value.replace(',', '.'))}
        onFocus={(event) => event.currentTarget.select()}
        styles={{ input: { textAlign: 'center', fontSize: 32, fontWeight: 700, height: 64 } }}
        w={160}
      />
      <ActionIcon size={64} radius="lg" variant="default" aria-label={t('More')} onClick={() => step(1)}>
        <IconPlus size={30} />
      </ActionIcon>
    </Group>
  );
}

function ItemHead({ item }: { item: Row }) {
  const place = (item.location_detail as { pathstring?: string } | null)?.pathstring;
  return (
    <div>
      <Title order={2} size="h3" style={{ overflowWrap: 'anywhere' }}>{kind('stockitem').title(item)}</Title>
      <Text c="dimmed">{[place, item.batch && String(item.batch)].filter(Boolean).join(' · ')}</Text>
    </div>
  );
}

export function Amount({ item, label, onDone }: { item: Row; label: string; onDone: (amount: string) => void }) {
  const { t } = useTranslation();
  const [amount, setAmount] = useState('1');
  const number = Number(amount);
  const isTooMuch = number > Number(item.quantity);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onDone(item.serial ? String(item.quantity) : amount);
      }}
    >
      <Stack gap="md">
        <ItemHead item={item} />
        {!item.serial && <AmountInput most={item.quantity} value={amount} onChange={setAmount} />}
        {isTooMuch && <Text c="red" ta="center">{t('Only {{count}} available.', { count: Number(item.quantity) })}</Text>}
        <Button type="submit" size="xl" h={72} disabled={!(number > 0) || isTooMuch}>
          {t(label)}
        </Button>
      </Stack>
    </form>
  );
}

interface ConditionProps {
  item: Row;
  lent: Row[];
  home: number | null;
  /** Without it, things go back to where they were taken from. */
  mayChoose: boolean;
  onItem: (item: Row) => void;
  onHome: (pk: number | null) => void;
  onDone: (amount: string, status: number, words: string) => void;
}

/** Conditions in which things come back. */
const CONDITIONS = [OK, 50, 55, 65];

export function Condition({ item, lent, home, mayChoose, onItem, onHome, onDone }: ConditionProps) {
  const { t } = useTranslation();
  const states = useStates('StockStatus');
  const [amount, setAmount] = useState(String(item.quantity));
  const [status, setStatus] = useState(Number(item.status ?? OK));
  const [words, setWords] = useState('');
  const shown = states.filter((state) => CONDITIONS.includes(state.key) || state.key === status || state.key > 100);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onDone(amount, status, words);
      }}
    >
      <Stack gap="md">
        <ItemHead item={item} />
        {lent.length > 1 && (
          <Group gap="xs">
            {lent.slice(0, FEW).map((row) => (
              <Button key={row.pk} variant={row.pk === item.pk ? 'filled' : 'default'} onClick={() => onItem(row)}>
                {(row.location_detail as { name?: string } | null)?.name}: {quantity(row.quantity)}
              </Button>
            ))}
          </Group>
        )}
        {!item.serial && <AmountInput most={item.quantity} value={amount} onChange={setAmount} />}
        <div>
          <Text fw={600} mb={6}>{t('In which condition?')}</Text>
          <Group gap="xs">
            {shown.map((state) => (
              <Button key={state.key} size="lg" autoContrast color={colorOf(state)} variant={state.key === status ? 'filled' : 'default'} aria-pressed={state.key === status} onClick={() => setStatus(state.key)}>
                {t(state.label)}
              </Button>
            ))}
          </Group>
        </div>
        {status !== OK && <TextInput size="lg" label={t('What is wrong?')} value={words} onChange={(event) => setWords(event.currentTarget.value)} />}
        <RelatedInput size="lg" label={t('Destination')} description={mayChoose ? t('Scan or choose a location.') : undefined} disabled={!mayChoose} model="stocklocation" value={home} onChange={(pk) => onHome(pk as number | null)} required />
        <Button type="submit" size="xl" h={72} disabled={!(Number(amount) > 0) || Number(amount) > Number(item.quantity)}>
          {t('Return')}
        </Button>
        {lent.length > 0 && item.location_detail ? <Badge variant="light" size="lg" tt="none">{t('With {{name}}', { name: (item.location_detail as { name: string }).name })}</Badge> : null}
      </Stack>
    </form>
  );
}
