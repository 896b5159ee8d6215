/** Language, colors, and the settings that each user has. */
import { SegmentedControl, Select, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { patch } from '@/api/client';
import { languages, setLanguage, useTranslation } from '@/app/i18n';
import { failed } from '@/shared/notify';
import { SettingList } from '../admin/SettingList';

export default function Preferences() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choose = async (language: string) => {
    await setLanguage(language);
    // so that the server writes in it, too: e-mail, reports
    await patch('/api/user/me/profile/', { language }).catch(failed);
  };
  return (
    <Stack gap="md" maw={860}>
      <Select
        label={t('Language')}
        maw={320}
        data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        value={i18n.language}
        onChange={(language) => language && void choose(language)}
        allowDeselect={false}
      />
      <div>
        <Text size="sm" fw={500} mb={4}>
          {t('Colors')}
        </Text>
        <SegmentedControl
          aria-label={t('Colors')}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
          data={[
            { value: 'auto', label: t('As the device') },
            { value: 'light', label: t('Light') },
            { value: 'dark', label: t('Dark') },
          ]}
        />
      </div>
      <SettingList scope="user" canChange />
    </Stack>
  );
}
