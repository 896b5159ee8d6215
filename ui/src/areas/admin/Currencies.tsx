/** Currencies and their rates. */
import { Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { get, post } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { dateTime, quantity } from '@/shared/format';
import { failed, succeeded } from '@/shared/notify';

interface Exchange {
  base_currency: string;
  exchange_rates: Record<string, number>;
  updated: string | null;
}

const nameOf = (code: string, language: string) => {
  try {
    return new Intl.DisplayNames([language], { type: 'currency' }).of(code) ?? code;
  } catch {
    return code;
  }
};

export default function Currencies() {
  const { t, i18n } = useTranslation();
  const { data, refetch } = useQuery({ queryKey: ['rows', 'exchange'], queryFn: () => get<Exchange>('/api/currency/exchange/') });
  const [isBusy, setIsBusy] = useState(false);
  const refresh = async () => {
    setIsBusy(true);
    try {
      await post('/api/currency/refresh/');
      await refetch();
      succeeded(translate('Exchange rates are being updated'));
    } catch (error) {
      failed(error);
    } finally {
      setIsBusy(false);
    }
  };
  if (!data) return null;
  const rates = Object.entries(data.exchange_rates).sort(([a], [b]) => a.localeCompare(b));
  return (
    <Stack gap="sm" maw={640}>
      <Group justify="space-between" align="flex-end">
        <div>
          <Text size="sm">
            {t('Amounts are converted to {{name}} ({{code}}).', { name: nameOf(data.base_currency, i18n.language), code: data.base_currency })}
          </Text>
          <Text size="sm" c="dimmed">
            {data.updated ? t('Rates updated: {{time}}', { time: dateTime(data.updated) }) : t('Exchange rates have not been updated yet.')}{' '}
            <Anchor component={Link} to={'/admin/settings' as never} size="sm" underline="always">
              {t('Choose currencies in the settings')}
            </Anchor>
          </Text>
        </div>
        <Button size="xs" variant="default" leftSection={<IconRefresh size={16} />} loading={isBusy} onClick={() => void refresh()}>
          {t('Update rates')}
        </Button>
      </Group>
      {rates.length > 0 && (
        <Table verticalSpacing={5} fz="sm" aria-label={t('Rates')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={80}>{t('Code')}</Table.Th>
              <Table.Th>{t('Currency')}</Table.Th>
              <Table.Th ta="end">{t('For 1 {{code}}', { code: data.base_currency })}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rates.map(([code, rate]) => (
              <Table.Tr key={code}>
                <Table.Td fw={600}>{code}</Table.Td>
                <Table.Td>{nameOf(code, i18n.language)}</Table.Td>
                <Table.Td ta="end">{quantity(rate)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
