/** Rights as a matrix: a row for each area, a column for each of view, add, change and delete. */
import { Button, Checkbox, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { patch } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import classes from '@/areas/admin/Frame.module.css';
import { Help } from '@/shared/Help';
import { failed, succeeded } from '@/shared/notify';
import { forEach } from '@/shared/progress';
import { useRefresh } from '@/shared/refresh';
import { differs, has, RULES, type RightVerb, type Rule, rulesQuery, VERBS, withRight } from './rights';

const LABELS: Record<RightVerb, string> = { view: 'View', add: 'Add', change: 'Change', delete: 'Delete' };

/** What the rights in an area mean, where that is not plain. */
const EXPLAINED: Record<string, string> = {
  shop_floor: 'View: see parts and stock in shop floor mode. Add: take stock out and return it to where it was. Change: return it to any other location. Delete: use stock up.',
};

interface MatrixProps {
  rules: Rule[];
  onChange?: (rules: Rule[]) => void;
  changed?: (rule: Rule) => boolean;
}

export function Matrix({ rules, onChange, changed }: MatrixProps) {
  const { t } = useTranslation();
  const setAll = (verb: RightVerb, isGiven: boolean) => onChange?.(rules.map((rule) => withRight(rule, verb, isGiven)));
  const setRow = (rule: Rule, isGiven: boolean) =>
    onChange?.(
      rules.map((other) =>
        other.pk === rule.pk ? { ...other, can_view: isGiven, can_add: isGiven, can_change: isGiven, can_delete: isGiven } : other,
      ),
    );
  return (
    <Table className={classes.matrix} verticalSpacing={5} maw={640} withTableBorder aria-label={t('Permissions')} highlightOnHover={Boolean(onChange)}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('Area')}</Table.Th>
          {VERBS.map((verb) => {
            const count = rules.filter((rule) => has(rule, verb)).length;
            return (
              <Table.Th key={verb} w={{ base: 62, sm: 90 }}>
                {onChange ? (
                  <Stack gap={4} align="center">
                    {t(LABELS[verb])}
                    <Checkbox
                      size="xs"
                      aria-label={t('{{right}}: all areas', { right: t(LABELS[verb]) })}
                      checked={count === rules.length}
                      indeterminate={count > 0 && count < rules.length}
                      onChange={(event) => setAll(verb, event.currentTarget.checked)}
                    />
                  </Stack>
                ) : (
                  t(LABELS[verb])
                )}
              </Table.Th>
            );
          })}
          {onChange && <Table.Th w={{ base: 44, sm: 70 }}>{t('All')}</Table.Th>}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rules.map((rule) => {
          const count = VERBS.filter((verb) => has(rule, verb)).length;
          return (
            <Table.Tr key={rule.pk} {...(changed?.(rule) && { bg: 'var(--mantine-color-yellow-light)' })}>
              <Table.Td>
                <Group gap={4} wrap="nowrap">
                  {t(rule.label || rule.name)}
                  {EXPLAINED[rule.name] && <Help text={EXPLAINED[rule.name] ?? ''} />}
                </Group>
              </Table.Td>
              {VERBS.map((verb) => (
                <Table.Td key={verb}>
                  <Checkbox
                    size="xs"
                    aria-label={`${t(rule.label || rule.name)}: ${t(LABELS[verb])}`}
                    checked={has(rule, verb)}
                    readOnly={!onChange}
                    disabled={!onChange && !has(rule, verb)}
                    onChange={(event) =>
                      onChange?.(rules.map((other) => (other.pk === rule.pk ? withRight(other, verb, event.currentTarget.checked) : other)))
                    }
                  />
                </Table.Td>
              ))}
              {onChange && (
                <Table.Td>
                  <Checkbox
                    size="xs"
                    aria-label={t('{{area}}: all permissions', { area: t(rule.label || rule.name) })}
                    checked={count === VERBS.length}
                    indeterminate={count > 0 && count < VERBS.length}
                    onChange={(event) => setRow(rule, event.currentTarget.checked)}
                  />
                </Table.Td>
              )}
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

/** The rights of a group, to change. */
export function GroupRights({ group, canChange }: { group: number; canChange: boolean }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const { data: stored, error, refetch } = useQuery(rulesQuery(group));
  const [edited, setEdited] = useState<Rule[] | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  if (error) return <Text c="red">{error.message}</Text>;
  if (!stored) return null;
  const rules = edited ?? stored;
  const isChanged = (rule: Rule) => stored.some((old) => old.pk === rule.pk && differs(old, rule));
  const changed = rules.filter(isChanged);
  const save = async () => {
    setIsSaving(true);
    try {
      const before = stored.filter((rule) => changed.some(({ pk }) => pk === rule.pk));
      const send = (rules: Rule[]) =>
        forEach(translate('Save'), rules, ({ pk, can_view, can_add, can_change, can_delete }) => patch(`${RULES}${pk}/`, { can_view, can_add, can_change, can_delete }));
      await send(changed);
      await refetch();
      setEdited(null);
      await refresh();
      succeeded(translate('Permissions saved'), () => send(before).then(() => refetch()).then(refresh));
    } catch (error) {
      failed(error);
    } finally {
      setIsSaving(false);
    }
  };
  return (
    <Stack gap={10} align="flex-start" style={{ overflow: 'auto' }}>
      <Matrix rules={rules} changed={isChanged} {...(canChange && { onChange: setEdited })} />
      {canChange && (
        <Group gap={8}>
          <Button size="xs" disabled={changed.length === 0} loading={isSaving} onClick={() => void save()}>
            {t('Save permissions')}
          </Button>
          <Button size="xs" variant="default" disabled={changed.length === 0} onClick={() => setEdited(null)}>
            {t('Discard')}
          </Button>
          {changed.length > 0 && (
            <Text size="xs" c="dimmed">
              {t('{{count}} areas changed', { count: changed.length })}
            </Text>
          )}
        </Group>
      )}
    </Stack>
  );
}
