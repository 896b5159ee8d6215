/** Language, colors, and the settings that each user has. */
import { SegmentedControl, Select, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { languages, useTranslation } from '@/app/i18n';
import { useChooseLanguage } from '@/app/session';
import { failed } from '@/shared/notify';
import { SettingList } from '../admin/SettingList';

export default function Preferences() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choose = useChooseLanguage();
  return (
    <Stack gap="md" maw={860}>
      <Select
        label={t('Language')}
        maw={320}
        data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        value={i18n.language}
        onChange={(language) => language && void choose(language).catch(failed)}
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
            { value: 'auto', label: t('Same as device') },
            { value: 'light', label: t('Light') },
            { value: 'dark', label: t('Dark') },
          ]}
        />
      </div>
      <SettingList scope="user" canChange />
    </Stack>
  );
}
