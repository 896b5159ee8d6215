/** Settings of the server. */
import { useUser } from '@/app/session';
import { SettingList } from './SettingList';

export default function Settings() {
  const user = useUser();
  return <SettingList scope="global" canChange={user.is_staff || user.is_superuser} />;
}
