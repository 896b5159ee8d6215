/** Rows as pictures. */
import { Checkbox, Skeleton, Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { at, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import type { Kind } from '../description';
import { hasPicture } from '../values';
import classes from './Gallery.module.css';

interface Props {
  label: string;
  kind: Kind;
  rows: Row[];
  isLoading: boolean;
  selection: Record<string, boolean>;
  onSelection: (selection: Record<string, boolean>) => void;
  onOpen: (row: Row, event: React.MouseEvent) => void;
  empty: ReactNode;
}

/** The picture as it is, not the small one of tables. */
const pictureOf = (kind: Kind, row: Row) => (hasPicture(row.image) ? row.image : kind.image?.(row));

export function Gallery({ label, kind, rows, isLoading, selection, onSelection, onOpen, empty }: Props) {
  const { t } = useTranslation();
  if (isLoading) return <Skeleton height={260} />;
  if (rows.length === 0) return empty;
  return (
    <div className={classes.scroller} role="region" aria-label={label} tabIndex={0}>
      <ul className={classes.grid}>
        {rows.map((row) => {
          const key = String(row.pk);
          const picture = pictureOf(kind, row);
          const title = kind.title(row);
          const isSelected = Boolean(selection[key]);
          return (
            <li key={key} className={classes.card} data-selected={isSelected || undefined}>
              <UnstyledButton className={classes.open} onClick={(event) => onOpen(row, event)}>
                <span className={classes.picture}>
                  {hasPicture(picture) ? <img src={picture.startsWith('http') ? picture : at(picture)} alt="" loading="lazy" /> : <kind.icon size={36} stroke={1.2} />}
                </span>
                <Text size="sm" fw={600} lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
                  {title}
                </Text>
                <Text size="xs" c="dimmed" lineClamp={2}>
                  {kind.subtitle?.(row)}
                </Text>
              </UnstyledButton>
              <Checkbox
                className={classes.check}
                size="md"
                aria-label={t('Select {{name}}', { name: title })}
                checked={isSelected}
                onChange={(event) => onSelection({ ...selection, [key]: event.currentTarget.checked })}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}
