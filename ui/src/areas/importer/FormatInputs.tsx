/** How a file is written: what was guessed, changed where the guess is wrong. */
import { Group, NumberInput, Paper, Select, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { patch } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { humanize } from '@/shared/format';
import { type Session, SESSIONS } from './session';

type Choice = [value: string, label: string];
/** Choices by name. The names are those of the server; ones without choices are numbers. */
const CHOICES: Record<string, Choice[]> = {
  separator: [[',', 'Comma'], [';', 'Semicolon'], ['\t', 'Tab'], ['|', 'Vertical bar']],
  encoding: [['UTF-8', 'UTF-8'], ['windows-1252', 'Western (Windows)'], ['UTF-16LE', 'UTF-16'], ['GBK', 'Chinese (GBK)'], ['Shift_JIS', 'Japanese (Shift JIS)']],
  decimal_sign: [['.', '1.5 (point)'], [',', '1,5 (comma)']],
  thousands_sign: [['', 'none'], [',', '1,000'], ['.', '1.000'], [' ', '1 000'], ["'", "1'000"]],
  date_order: [['YMD', '2026-12-31'], ['DMY', '31.12.2026'], ['MDY', '12/31/2026']],
};
const NUMBERS = ['header_row', 'footer_rows'];

export function FormatInputs({ session, onError }: { session: Session; onError: (error: unknown) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const format = session.file_format ?? {};
  const choose = (name: string, value: unknown) =>
    void patch(`${SESSIONS}${session.pk}/`, { file_format: { [name]: value } }).then(
      () => client.invalidateQueries({ queryKey: ['import', session.pk] }),
      onError,
    );
  const sheets = (format.sheets ?? []).map((sheet): Choice => [sheet, sheet]);
  const lists = Object.entries({ ...(sheets.length > 1 && { sheet: sheets }), ...CHOICES }).filter(([name]) => name in format);
  const label = (name: string) => t(humanize(name)) + (format.chosen?.includes(name) ? '' : ` (${t('detected')})`);
  return (
    <Paper withBorder p="sm">
      <Text size="sm" fw={600} mb={6}>
        {t('File format')}
      </Text>
      <Group gap="sm" align="flex-end">
        {lists.map(([name, choices]) => {
          const value = format[name] === null || format[name] === undefined ? null : String(format[name]);
          const all = value === null || choices.some(([known]) => known === value) ? choices : [...choices, [value, value] as Choice];
          return (
            <Select
              key={name}
              size="xs"
              w={170}
              label={label(name)}
              data={all.map(([value, label]) => ({ value, label: t(label) }))}
              value={value}
              onChange={(value) => choose(name, value)}
              clearable={format.chosen?.includes(name) ?? false}
            />
          );
        })}
        {NUMBERS.filter((name) => name in format).map((name) => (
          <NumberInput
            key={`${name}-${String(format[name])}`}
            size="xs"
            w={130}
            min={0}
            label={label(name)}
            defaultValue={Number(format[name] ?? 0)}
            onBlur={(event) => {
              const value = Number(event.currentTarget.value);
              if (value !== Number(format[name] ?? 0)) choose(name, value);
            }}
          />
        ))}
      </Group>
    </Paper>
  );
}
