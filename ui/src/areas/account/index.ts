import { IconAdjustments, IconBell, IconDevices, IconKey, IconUser } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

/** What each user has of their own. */
export const area: Area = {
  name: 'account',
  label: 'Account',
  icon: IconUser,
  order: 950,
  pages: [
    { path: 'profile', title: 'Profile', icon: IconUser, words: 'account name e-mail', load: () => import('./Account') },
    { path: 'profile/preferences', title: 'Preferences', icon: IconAdjustments, words: 'language theme colors dark', load: () => import('./Account') },
    { path: 'profile/security', title: 'Password and sessions', icon: IconDevices, words: 'second factor devices sign-in', load: () => import('./Account') },
    { path: 'profile/tokens', title: 'My API tokens', icon: IconKey, words: 'api access program', load: () => import('./Account') },
    { path: 'notifications', title: 'Notifications', icon: IconBell, words: 'messages news inbox', load: () => import('./Notifications') },
  ],
};
