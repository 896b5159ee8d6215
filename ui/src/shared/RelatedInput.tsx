/** Chooses a row of another kind by typing. */
import { Combobox, Group, InputBase, Loader, ScrollArea, Text, useCombobox, CloseButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { get, page, type Query, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import type { Kind } from './description';
import { useScanField } from './scan';
import { Thumbnail } from './values';

const CHOICES = 30;

export interface RelatedInputProps {
  model?: string | undefined;
  /** The list to choose from; that of the model where it is not named. */
  api?: string | undefined;
  filters?: Query | undefined;
  value: number | string | null | undefined;
  onChange: (value: number | string | null, row?: Row) => void;
  label?: string;
  description?: string | undefined;
  error?: React.ReactNode;
  required?: boolean;
  placeholder?: string;
  disabled?: boolean;
  autoFocus?: boolean;
  size?: string;
  /** Name of the key in rows. */
  keyField?: string;
  'aria-label'?: string;
}

/** What a row of a kind without a description is called. */
export const nameOf = (row: Row, kind?: Kind): string =>
  kind ? kind.title(row) : String(row.name ?? row.reference ?? row.username ?? row.title ?? row.code ?? `#${row.pk}`);

const OWN = 'pk';

export function RelatedInput(props: RelatedInputProps) {
  const { model, value, onChange, filters, keyField = OWN } = props;
  const { t } = useTranslation();
  const kind = kindOf(model);
  const api = props.api ?? kind?.api ?? '';
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const [text, setText] = useState('');
  const [isTyping, setIsTyping] = useState(false);
  const [search] = useDebouncedValue(text, 150);
  const isSet = value !== null && value !== undefined && value !== '';

  const chosen = useQuery({
    queryKey: ['choice', api, keyField, value],
    queryFn: ({ signal }) => get<Row>(`${api}${value}/`, kind?.query ?? {}, signal),
    enabled: isSet && Boolean(api),
    staleTime: 60_000,
  });
  const query: Query = { ...kind?.query, ...filters, limit: CHOICES, search: isTyping ? search : undefined };
  const choices = useQuery({
    queryKey: ['choices', api, query],
    queryFn: ({ signal }) => page(api, query, signal),
    enabled: box.dropdownOpened && Boolean(api),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const rows = choices.data?.results ?? [];
  const name = isSet ? (chosen.data ? nameOf(chosen.data, kind) : '…') : '';

  const input = useRef<HTMLInputElement>(null);
  useScanField(() =>
    model && input.current && !props.disabled
      ? {
          element: input.current,
          model,
          isEmpty: !isSet,
          take: (pk, row) => {
            onChange(pk, row);
            setIsTyping(false);
            setText('');
            box.closeDropdown();
          },
        }
      : null,
  );

  const choose = (key: string) => {
    const row = rows.find((row) => String(row[keyField]) === key);
    if (!row) return;
    onChange(row[keyField] as number, row);
    setIsTyping(false);
    setText('');
    box.closeDropdown();
  };

  return (
    <Combobox store={box} onOptionSubmit={choose} withinPortal>
      <Combobox.Target>
        <InputBase
          ref={input}
          label={props.label}
          aria-label={props['aria-label']}
          description={props.description}
          error={props.error}
          required={props.required ?? false}
          disabled={props.disabled ?? false}
          data-autofocus={props.autoFocus}
          size={props.size ?? 'sm'}
          data-scan={model}
          placeholder={props.placeholder ?? t('Type to search')}
          value={isTyping ? text : name}
          onChange={(event) => {
            setIsTyping(true);
            setText(event.currentTarget.value);
            box.openDropdown();
            box.selectFirstOption();
          }}
          onClick={() => box.openDropdown()}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={() => {
            box.closeDropdown();
            setIsTyping(false);
            setText('');
          }}
          rightSectionPointerEvents="all"
          rightSection={
            choices.isFetching && box.dropdownOpened ? (
              <Loader size={14} />
            ) : isSet && !props.required && !props.disabled ? (
              <CloseButton
                size="sm"
                aria-label={t('Clear')}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => onChange(null)}
              />
            ) : (
              <Combobox.Chevron />
            )
          }
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options>
          <ScrollArea.Autosize mah={280} type="auto">
            {rows.map((row) => (
              <Combobox.Option value={String(row[keyField])} key={String(row[keyField])}>
                <Group gap="xs" wrap="nowrap">
                  {kind?.image && <Thumbnail src={kind.image(row)} size={24} />}
                  <div style={{ minWidth: 0 }}>
                    <Text size="sm" truncate>
                      {nameOf(row, kind)}
                    </Text>
                    {kind?.subtitle && kind.subtitle(row) && (
                      <Text size="xs" c="dimmed" truncate>
                        {kind.subtitle(row)}
                      </Text>
                    )}
                  </div>
                </Group>
              </Combobox.Option>
            ))}
            {rows.length === 0 && !choices.isFetching && <Combobox.Empty>{t('Nothing found')}</Combobox.Empty>}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
