/** Opens the scanning dialog; with the camera on phones. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconBarcode } from '@tabler/icons-react';
import { useTranslation } from '@/app/i18n';
import { lacksFor, useUser } from '@/app/session';
import { SEES } from './index';
import { openStation } from './station';

export default function ScanButton() {
  const { t } = useTranslation();
  const user = useUser();
  if (lacksFor(user, { needs: SEES })) return null;
  return (
    <Tooltip label={t('Scan')}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('Scan')}
        onClick={() => openStation({ mode: 'look', hasCamera: window.matchMedia('(pointer: coarse)').matches })}
      >
        <IconBarcode size={20} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
