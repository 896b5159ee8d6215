import { IconHash, IconUser, IconUsers } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

/** Users and owners, as other records name them; their own pages belong to the administration. */
export const area: Area = {
  name: 'people',
  label: 'People',
  icon: IconUsers,
  kinds: [
    {
      model: 'user',
      path: 'users',
      api: '/api/user/',
      name: 'User',
      plural: 'Users',
      icon: IconUser,
      title: (row) => [row.first_name, row.last_name].filter(Boolean).join(' ') || String(row.username ?? row.pk),
      subtitle: (row) => String(row.username ?? ''),
    },
    {
      model: 'owner',
      path: 'owners',
      api: '/api/user/owner/',
      name: 'Owner',
      plural: 'Owners',
      icon: IconUsers,
      title: (row) => String(row.name ?? row.label ?? row.pk),
    },
    {
      model: 'projectcode',
      path: 'project-codes',
      api: '/api/project-code/',
      name: 'Project code',
      plural: 'Project codes',
      icon: IconHash,
      title: (row) => String(row.code ?? row.pk),
      subtitle: (row) => String(row.description ?? ''),
    },
  ],
};
