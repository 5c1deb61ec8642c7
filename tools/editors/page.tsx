import { createTheme, type GrafanaTheme2, ThemeContext } from '@grafana/data';
import { config } from '@grafana/runtime';
import { GlobalStyles, PortalContainer, useStyles2 } from '@grafana/ui';
import { css } from '@emotion/css';
import i18next from 'i18next';
import React from 'react';
import { createRoot } from 'react-dom/client';

import { translationsReady } from '../../src/translations';
import { connectEdges } from './edges';
import { SCENES } from './scenes';

/** ?scene=config&mode=dark&language=zh-Hans */
const asked = new URLSearchParams(location.search);
const scene = asked.get('scene') ?? 'config';
const language = asked.get('language') ?? 'en-US';

function Page() {
  const styles = useStyles2(getStyles);
  return (
    <main className={styles.page} data-scene={scene}>
      {SCENES[scene]().map((editor, index) => (
        <section key={index} className={styles.editor}>
          {editor}
        </section>
      ))}
      <PortalContainer />
    </main>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(3),
    padding: theme.spacing(2),
    background: theme.colors.background.primary,
    minHeight: '100vh',
  }),
  editor: css({ minWidth: 0 }),
});

async function start() {
  connectEdges();
  // A language counts as known once it has a text; Grafana's own come with Grafana, not with @grafana/ui.
  await i18next.init({ lng: language, resources: { [language]: { grafana: { known: 'known' } } } });
  await translationsReady();
  const theme = createTheme({ colors: { mode: asked.get('mode') === 'light' ? 'light' : 'dark' } });
  config.theme2 = theme;
  createRoot(document.getElementById('root')!).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Page />
    </ThemeContext.Provider>
  );
}

start();
