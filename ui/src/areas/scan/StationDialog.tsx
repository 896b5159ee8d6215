/** The dialog for scanning: it stays open for the next thing, and the next, until "done" is scanned or it is closed. */
import { ActionIcon, Button, Group, Modal, SegmentedControl, Skeleton, Stack, TextInput, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCamera, IconCameraOff, IconVolume, IconVolumeOff } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { translate, useTranslation } from '@/app/i18n';
import { useMay } from '@/app/session';
import { failed } from '@/shared/notify';
import { offer } from '@/shared/scan';
import { Count } from './Count';
import { Look } from './Look';
import { Move } from './Move';
import { Put } from './Put';
import { read } from './read';
import { Receive } from './Receive';
import { isQuiet, setQuiet, sound } from './sound';
import { closeStation, type Mode, openStation, type Station } from './station';

const Camera = lazy(() => import('./Camera'));

const MODES: { mode: Mode; label: string; needs?: [string, 'change' | 'add'] }[] = [
  { mode: 'look', label: 'Look up' },
  { mode: 'put', label: 'Move here', needs: ['stock', 'add'] },
  { mode: 'move', label: 'Move', needs: ['stock', 'add'] },
  { mode: 'count', label: 'Count', needs: ['stock', 'add'] },
  { mode: 'receive', label: 'Receive', needs: ['purchase_order', 'add'] },
];
const CONTENT = { look: Look, put: Put, move: Move, count: Count, receive: Receive };

/** Reads a code as if a scanner had typed it. */
async function enter(code: string) {
  const scan = await read(code);
  if (!offer(scan)) {
    sound('wrong');
    failed(new Error(translate(scan.error ?? 'This code cannot be used here.')));
  }
}

function CodeInput() {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  return (
    <form
      style={{ flex: 1 }}
      onSubmit={(event) => {
        event.preventDefault();
        if (code.trim()) enter(code.trim()).catch(failed);
        setCode('');
      }}
    >
      <TextInput
        aria-label={t('Code')}
        placeholder={t('Scan a code, or type it and press Enter')}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        data-autofocus
        autoComplete="off"
      />
    </form>
  );
}

interface BodyProps {
  station: Station;
  /** Called with another way of scanning. */
  onChange: (station: Station) => void;
}

/** All of it without its frame. */
export function StationBody({ station, onChange }: BodyProps) {
  const { t } = useTranslation();
  const may = useMay();
  const isPhone = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const [hasCamera, setHasCamera] = useState(station.hasCamera ?? false);
  const [quiet, setIsQuiet] = useState(isQuiet());
  const modes = MODES.filter(({ needs }) => !needs || may(...needs));
  const mode = modes.some((entry) => entry.mode === station.mode) ? station.mode : 'look';
  const Content = CONTENT[mode];
  const cameraLabel = hasCamera ? t('Camera off') : t('Camera on');
  const soundLabel = quiet ? t('Sound on') : t('Sound off');
  return (
    <Stack gap="sm" data-scan-off>
      <SegmentedControl
        fullWidth
        size={isPhone ? 'xs' : 'sm'}
        aria-label={t('Action')}
        value={mode}
        onChange={(value) => onChange({ mode: value as Mode, hasCamera })}
        data={modes.map((entry) => ({ value: entry.mode, label: t(entry.label) }))}
      />
      {hasCamera && (
        <Suspense fallback={<Skeleton height={240} />}>
          <Camera onCode={(code) => void enter(code).catch(failed)} />
        </Suspense>
      )}
      <Group gap="xs" wrap="nowrap">
        <CodeInput />
        <Tooltip label={cameraLabel}>
          <ActionIcon size={36} variant="default" aria-label={cameraLabel} onClick={() => setHasCamera(!hasCamera)}>
            {hasCamera ? <IconCameraOff size={18} /> : <IconCamera size={18} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label={soundLabel}>
          <ActionIcon
            size={36}
            variant="default"
            aria-label={soundLabel}
            onClick={() => {
              setQuiet(!quiet);
              setIsQuiet(!quiet);
              if (quiet) sound('taken');
            }}
          >
            {quiet ? <IconVolumeOff size={18} /> : <IconVolume size={18} />}
          </ActionIcon>
        </Tooltip>
      </Group>
      <Content key={mode} station={station} />
    </Stack>
  );
}

export default function StationDialog({ station }: { station: Station }) {
  const { t } = useTranslation();
  const isPhone = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  return (
    <Modal
      opened
      onClose={closeStation}
      title={t('Scan')}
      size="lg"
      fullScreen={isPhone ?? false}
      zIndex={190}
      closeOnEscape={false}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('Close') }}
      onKeyDown={(event) => event.key === 'Escape' && closeStation()}
      attributes={{ root: { 'data-scan-base': true } }}
    >
      <StationBody station={station} onChange={openStation} />
      <Button hiddenFrom="sm" fullWidth mt="md" variant="default" onClick={closeStation}>
        {t('Close')}
      </Button>
    </Modal>
  );
}
