/** A link to a record's page. */
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { at } from '@/api/client';
import { kindOf, linkTo } from '@/app/registry';
import { useMay } from '@/app/session';
import classes from './values.module.css';

interface Props {
  model: string;
  pk: number | string;
  tab?: string;
  children: ReactNode;
}

export function RecordLink({ model, pk, tab, children }: Props) {
  const kind = kindOf(model);
  const may = useMay();
  const navigate = useNavigate();
  if (!kind?.load || !may(kind, 'view')) return <>{children}</>;
  const to = linkTo(kind, pk, tab);
  // tables have hundreds of links, so these are plain ones
  const follow = (event: React.MouseEvent) => {
    event.stopPropagation();
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void navigate({ to: to as never });
  };
  return (
    <a href={at(to)} className={classes.link} onClick={follow}>
      {children}
    </a>
  );
}
