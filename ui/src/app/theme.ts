/** Colors and sizes. */
import { createTheme, Modal } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'ironwood',
  primaryShade: { light: 8, dark: 7 },
  colors: {
    ironwood: ['#eff8f3', '#dff0e7', '#bbdfcb', '#94ceae', '#73bf95', '#5eb685', '#48996f', '#327f59', '#236747', '#174f35'],
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Modal: Modal.extend({ defaultProps: { overlayProps: { backgroundOpacity: 0.45 } } }),
  },
});
