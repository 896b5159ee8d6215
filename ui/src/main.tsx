import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, onAnswer, onSignedOut } from './api/client';
import { startAhead } from './app/ahead';
import { startTexts, translate } from './app/i18n';
import { noteAnswer, startWorker } from './app/offline';
import { router } from './app/router';
import { SessionProvider, userQuery } from './app/session';
import { theme } from './app/theme';
import { warmUp } from './app/warm';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/base.css';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
setNonce(nonce);

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // a refusal is not tried again
      retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
    },
  },
});
onAnswer(noteAnswer);
startWorker();
onSignedOut(() => void client.invalidateQueries({ queryKey: userQuery.queryKey }));

const colors = localStorageColorSchemeManager({ key: 'ironwood.colors' });

warmUp(client);
startAhead(client);
await startTexts();
const place = document.getElementById('root');
if (!place) throw new Error('The page has no place for the application.');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={colors} getStyleNonce={() => nonce}>
        <SessionProvider>
          <ModalsProvider modalProps={{ closeButtonProps: { 'aria-label': translate('Close') } }}>
            <Notifications position="bottom-right" limit={4} />
            <RouterProvider router={router} />
          </ModalsProvider>
        </SessionProvider>
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
