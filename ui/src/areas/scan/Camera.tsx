/** Reads codes with the camera: by the browser itself where it can, else by ZXing. */
import { Alert, Box, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from '@/app/i18n';
import classes from './Scan.module.css';

/** The same code is taken again after so many ms without it. */
const AGAIN = 2_000;
const EVERY = 150;

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}
type DetectorClass = new (options: { formats: string[] }) => Detector;
const FORMATS = ['qr_code', 'data_matrix', 'code_128', 'code_39', 'ean_13', 'pdf417'];

/** Shows the camera in `video` and calls back with each code, until it is stopped. */
async function watch(video: HTMLVideoElement, found: (code: string) => void, isOver: () => boolean): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: 'environment', width: { ideal: 1280 } } });
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  if (isOver()) {
    stop();
    return stop;
  }
  const Native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (Native) {
    video.srcObject = stream;
    await video.play();
    const detector = new Native({ formats: FORMATS });
    const timer = setInterval(() => {
      detector.detect(video).then((codes) => codes[0] && found(codes[0].rawValue), () => {});
    }, EVERY);
    return () => {
      clearInterval(timer);
      stop();
    };
  }
  const { BrowserMultiFormatReader } = await import('@zxing/browser');
  const reader = new BrowserMultiFormatReader(undefined, { delayBetweenScanAttempts: EVERY });
  const controls = await reader.decodeFromStream(stream, video, (result) => {
    if (result) found(result.getText());
  });
  return () => {
    controls.stop();
    stop();
  };
}

export default function Camera({ onCode }: { onCode: (code: string) => void }) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [fault, setFault] = useState('');
  const kept = useRef(onCode);
  useEffect(() => {
    kept.current = onCode;
  });
  useEffect(() => {
    let stop: (() => void) | undefined;
    let isOver = false;
    let last = { code: '', time: 0 };
    const found = (code: string) => {
      const time = Date.now();
      const isSame = code === last.code && time - last.time < AGAIN;
      last = { code, time };
      if (!isSame) kept.current(code);
    };
    if (!('mediaDevices' in navigator)) {
      setFault('The browser only allows camera access over https.');
      return;
    }
    if (video.current) {
      watch(video.current, found, () => isOver).then(
        (ready) => {
          stop = ready;
          if (isOver) ready();
        },
        (error: unknown) => setFault(error instanceof Error ? error.message : String(error)),
      );
    }
    return () => {
      isOver = true;
      stop?.();
    };
  }, []);
  if (fault) {
    return (
      <Alert color="yellow" title={t('The camera is not available')}>
        <Text size="sm">{t(fault)}</Text>
      </Alert>
    );
  }
  return (
    <Box className={classes.camera}>
      <video ref={video} muted playsInline aria-label={t('Camera')} />
    </Box>
  );
}
