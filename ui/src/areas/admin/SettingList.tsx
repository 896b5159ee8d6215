/** Settings with inputs of their types. A change is saved at once; what is typed, when the field is left. */
import { Alert, Anchor, Box, Chip, Group, Loader, Select, Skeleton, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, patch } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { RelatedInput } from '@/shared/RelatedInput';
import { confirm } from '@/shared/confirm';
import { succeeded } from '@/shared/notify';
import classes from './Frame.module.css';
import { addressOf, found, grouped, type Scope, type Setting, settingsQuery } from './settings';

interface InputProps {
  setting: Setting;
  error: string;
  isSaving: boolean;
  isFixed: boolean;
  onChange: (value: unknown) => void;
}

const isTrue = (value: unknown) => value === true || String(value).toLowerCase() === 'true';

function Input({ setting, error, isSaving, isFixed, onChange }: InputProps) {
  const { t } = useTranslation();
  const [text, setText] = useState<string | null>(null);
  const label = t(setting.name);
  const common = { 'aria-label': label, disabled: isFixed, error: error || undefined };
  if (setting.type === 'boolean') {
    return <Switch {...common} checked={isTrue(setting.value)} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  if (setting.choices.length > 0) {
    return (
      <Select
        {...common}
        size="xs"
        data={setting.choices.map(({ value, display_name }) => ({ value: String(value), label: t(display_name) }))}
        value={setting.value === null ? null : String(setting.value)}
        onChange={(chosen) => chosen !== null && onChange(setting.choices.find(({ value }) => String(value) === chosen)?.value ?? chosen)}
        searchable={setting.choices.length > 8}
        allowDeselect={false}
      />
    );
  }
  if (setting.api_url) {
    return (
      <RelatedInput
        size="xs"
        aria-label={label}
        error={error || undefined}
        disabled={isFixed}
        model={setting.model_name?.split('.').pop()}
        api={setting.api_url}
        value={setting.value === null || setting.value === '' ? null : (setting.value as number)}
        onChange={(value) => onChange(value ?? '')}
      />
    );
  }
  const stored = setting.value === null ? '' : String(setting.value);
  const save = () => {
    if (text !== null && text !== stored) onChange(text);
    else setText(null);
  };
  return (
    <TextInput
      {...common}
      size="xs"
      inputMode={setting.type === 'integer' ? 'numeric' : undefined}
      value={text ?? stored}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
        if (event.key === 'Escape') setText(null);
      }}
      rightSectionWidth={setting.units ? 60 : 30}
      rightSection={isSaving ? <Loader size={13} /> : setting.units ? <Text size="xs" c="dimmed">{t(setting.units)}</Text> : undefined}
      autoComplete="off"
    />
  );
}

interface LineProps {
  setting: Setting;
  /** Where it is changed. */
  address: string;
  /** Key of the list that it is in. */
  list: readonly unknown[];
  canChange: boolean;
}

export function SettingLine({ setting, address, list, canChange }: LineProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [error, setError] = useState('');
  const [isSaving, setIsSaving] = useState(false);
  const store = (value: Setting['value']) =>
    client.setQueryData(list, (all: Setting[] | undefined) => all?.map((other) => (other.key === setting.key ? { ...other, value } : other)));
  const send = async (value: unknown) => {
    setError('');
    setIsSaving(true);
    const before = setting.value;
    if (typeof value === 'boolean') store(value);
    try {
      const answer = await patch<Setting>(address, { value });
      store(answer.value);
      await client.invalidateQueries({ queryKey: list.slice(0, 1) });
      succeeded(translate('{{name}} saved', { name: translate(setting.name) }), async () => {
        await patch(address, { value: before });
        await client.invalidateQueries({ queryKey: list.slice(0, 1) });
      });
    } catch (error) {
      store(before);
      setError(error instanceof ApiError ? (error.fields.value?.join(' ') ?? error.message) : String(error));
    } finally {
      setIsSaving(false);
    }
  };
  const change = (value: unknown) => {
    if (!setting.confirm) return void send(value);
    confirm({
      title: translate(setting.name),
      text: translate(setting.confirm_text || setting.description),
      submit: translate('Change'),
      run: () => send(value),
    });
  };
  return (
    <div className={classes.setting}>
      <div>
        <Text size="sm" fw={500}>
          {t(setting.name)}
        </Text>
        <Text size="xs" c="dimmed">
          {t(setting.description)}
        </Text>
      </div>
      <Box>
        <Input key={String(setting.value)} setting={setting} error={error} isSaving={isSaving} isFixed={!canChange || Boolean(setting.read_only)} onChange={change} />
        {setting.read_only && (
          <Text size="xs" c="dimmed">
            {t('Set in the server configuration')}
          </Text>
        )}
      </Box>
    </div>
  );
}

interface Props {
  scope: Scope;
  canChange: boolean;
  /** Groups that are left out. */
  without?: string[];
}

export function SettingList({ scope, canChange, without = [] }: Props) {
  const { t } = useTranslation();
  const { data, error } = useQuery(settingsQuery(scope));
  const [search, setSearch] = useState('');
  const [group, setGroup] = useState('');
  if (error) return <Alert color="red">{error.message}</Alert>;
  if (!data) return <Skeleton height={320} />;
  const all = grouped(found(data, search)).filter(([name]) => !without.includes(name));
  const names = grouped(data)
    .map(([name]) => name)
    .filter((name) => !without.includes(name));
  const shown = search || !group ? all : all.filter(([name]) => name === group);
  return (
    <Stack gap="sm" maw={860}>
      <TextInput
        placeholder={t('Search settings')}
        aria-label={t('Search settings')}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {names.length > 1 && (
        <Group gap={6}>
          <Chip size="xs" checked={group === ''} onChange={() => setGroup('')}>
            {t('All')}
          </Chip>
          {names.map((name) => (
            <Chip key={name} size="xs" checked={group === name} onChange={() => setGroup(group === name ? '' : name)}>
              {t(name)}
            </Chip>
          ))}
        </Group>
      )}
      {shown.map(([name, settings]) => (
        <section key={name}>
          <Title order={2} size="h5" mt={4}>
            {t(name)}
          </Title>
          {settings.map((setting) => (
            <SettingLine key={setting.key} setting={setting} address={`${addressOf(scope)}${setting.key}/`} list={settingsQuery(scope).queryKey} canChange={canChange} />
          ))}
        </section>
      ))}
      {shown.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('No settings match your search.')}{' '}
          <Anchor component="button" size="sm" underline="always" onClick={() => setSearch('')}>
            {t('Clear the search')}
          </Anchor>
        </Text>
      )}
    </Stack>
  );
}
