/** A link to a record's page. */
import { Anchor, type AnchorProps } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { kindOf, linkTo } from '@/app/registry';
import { useMay } from '@/app/session';

interface Props extends AnchorProps {
  model: string;
  pk: number | string;
  tab?: string;
  children: ReactNode;
}

export function RecordLink({ model, pk, tab, children, ...others }: Props) {
  const kind = kindOf(model);
  const may = useMay();
  if (!kind?.load || !may(kind, 'view')) return <>{children}</>;
  return (
    <Anchor
      component={Link}
      to={linkTo(kind, pk, tab) as never}
      size="sm"
      onClick={(event: React.MouseEvent) => event.stopPropagation()}
      {...others}
    >
      {children}
    </Anchor>
  );
}
