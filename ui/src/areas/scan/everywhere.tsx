/** Listens for scanners on every page; what nobody on the page takes is opened. */
import { useNavigate } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { translate } from '@/app/i18n';
import { kindOf, linkTo } from '@/app/registry';
import { lazy } from '@/shared/lazy';
import { failed } from '@/shared/notify';
import { hasDialog, offer, type Scan } from '@/shared/scan';
import { listen } from './listen';
import { read } from './read';
import { sound } from './sound';
import { openStation, useStation } from './station';

const StationDialog = lazy(() => import('./StationDialog'));

/** A part that is scanned where a place is shown lies there from now on. */
function placeOnPage(): number | undefined {
  const found = /\/locations\/(\d+)(\/|$)/.exec(window.location.pathname);
  return found ? Number(found[1]) : undefined;
}

export default function Scanning() {
  const station = useStation();
  const navigate = useNavigate();
  const open = useRef<(scan: Scan) => void>(() => {});
  useEffect(() => {
    open.current = (scan) => {
      const kind = kindOf(scan.model);
      const location = placeOnPage();
      if (hasDialog()) {
        sound('wrong');
        failed(new Error(scan.error ? translate(scan.error) : translate('This code cannot be used here.')));
      } else if (scan.isSupplier) {
        openStation({ mode: 'receive', first: scan });
      } else if (kind && scan.model === 'part' && location) {
        openStation({ mode: 'put', location, first: scan });
      } else if (kind?.load && scan.pk) {
        sound('taken');
        void navigate({ to: linkTo(kind, scan.pk) as never });
      } else {
        sound('wrong');
        failed(new Error(scan.command ? translate('There is nothing to finish.') : translate(scan.error ?? 'No match was found for this barcode.')));
      }
    };
  }, [navigate]);

  useEffect(() => {
    // one after the other, in the order in which they came
    let queue = Promise.resolve();
    return listen((code, typed) => {
      queue = queue
        .then(async () => {
          const scan = await read(code);
          const isNothing = !scan.model && !scan.command && !scan.isSupplier;
          // an unknown code in a field of text was meant for it: a serial number, for example
          if (isNothing && typed) {
            if (offer(scan)) typed.restore();
            return;
          }
          typed?.restore();
          if (!offer(scan)) open.current(scan);
        })
        .catch(failed);
    });
  }, []);

  return (
    <Suspense fallback={null}>{station && <StationDialog station={station} />}</Suspense>
  );
}
