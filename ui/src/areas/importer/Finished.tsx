import { Alert, Button, Group, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import type { Session } from './session';

export function Finished({ session }: { session: Session }) {
  const { t } = useTranslation();
  const kind = kindOf(session.model_type);
  return (
    <Alert color="green" icon={<IconCheck />} title={t('Import complete')} maw={620}>
      <Text size="sm">{t('{{count}} rows have been imported.', { count: session.completed_row_count_history ?? session.completed_row_count })}</Text>
      <Group mt="sm" gap="xs">
        {kind?.load && (
          <Button size="xs" component={Link} to={`/${kind.path}` as never}>
            {t(kind.plural)}
          </Button>
        )}
        <Button size="xs" variant="default" component={Link} to={'/import' as never}>
          {t('Another file')}
        </Button>
      </Group>
    </Alert>
  );
}
