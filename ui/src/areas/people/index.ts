import { IconHash, IconUser, IconUsers, IconUsersGroup } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

/** Users, groups and owners. The pages of users and groups belong to the administration. */
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
      role: 'admin',
      load: () => import('./user'),
    },
    {
      model: 'group',
      path: 'groups',
      api: '/api/user/group/',
      name: 'Group',
      plural: 'Groups',
      icon: IconUsersGroup,
      role: 'admin',
      title: (row) => String(row.name ?? row.pk),
      load: () => import('./group'),
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
      role: 'admin',
      load: () => import('./projectCode'),
    },
  ],
};
