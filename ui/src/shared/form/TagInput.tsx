/** Tags, chosen by typing from those that are there, or new. */
import { TagsInput, type TagsInputProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from '@/app/i18n';
import { readRows } from '../resource';

const OFFERED = 50;

export function useTags(text: string): string[] {
  const [search] = useDebouncedValue(text, 150);
  const { data } = useQuery({
    ...readRows('/api/tag/', { search: search || undefined, ordering: 'name', limit: OFFERED }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return data?.results.map((tag) => String(tag.name)) ?? [];
}

export function TagInput(props: TagsInputProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const tags = useTags(text);
  return (
    <TagsInput
      {...props}
      data={tags}
      searchValue={text}
      onSearchChange={setText}
      placeholder={t('Type a value, then press Enter')}
      splitChars={[',', ';']}
      acceptValueOnBlur
      clearable
    />
  );
}
