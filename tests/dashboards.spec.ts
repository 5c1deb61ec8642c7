import { expect, test } from '@grafana/plugin-e2e';
import type { Page } from '@playwright/test';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { LAST_DAY, SAMPLES } from './samples';

interface Dashboard {
  uid: string;
  title: string;
  panels: Array<{ type: string; title: string }>;
}

const FOLDER = path.join(__dirname, '..', 'dashboards');
const DASHBOARDS = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file): Dashboard => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')));

// Panels below the fold do not load before they are scrolled to.
test.use({ viewport: { width: 1280, height: 4000 } });

const panelError = (page: Page) => page.getByTestId('data-testid Panel status error');

// The provisioned dashboards ask the data source that their variable names.
const samples = (name: string) => new URLSearchParams({ 'var-datasource': name, ...LAST_DAY });

for (const { uid, title, panels } of DASHBOARDS) {
  test(`${title} opens without an error`, async ({ gotoDashboardPage, readProvisionedDataSource, page }) => {
    const { uid: datasource } = await readProvisionedDataSource(SAMPLES);
    const failed: string[] = [];
    page.on('response', (answer) => {
      if (answer.url().includes('/api/ds/query') && !answer.ok()) {
        failed.push(`${answer.status()} ${answer.url()}`);
      }
    });
    const dashboard = await gotoDashboardPage({ uid, queryParams: samples(datasource) });
    const [first] = panels.filter(({ type }) => type !== 'row');
    await expect(dashboard.getPanelByTitle(first.title).locator).toBeVisible();
    await page.waitForLoadState('networkidle');
    await expect(panelError(page)).toHaveCount(0);
    expect(failed).toEqual([]);
  });
}

test('an incident of the overview leads to its steps', async ({
  gotoDashboardPage,
  readProvisionedDataSource,
  page,
}) => {
  const { uid: datasource } = await readProvisionedDataSource(SAMPLES);
  await gotoDashboardPage({ uid: 'blueking-incidents-overview', queryParams: samples(datasource) });
  const incident = page.locator('a[href*="/d/blueking-incidents-incident"]').first();
  await expect(incident).toBeVisible();
  const target = new URL((await incident.getAttribute('href')) ?? '', page.url());
  expect(target.searchParams.get('var-incident')).toBeTruthy();
  expect(target.searchParams.get('var-datasource')).toBe(datasource);
  await incident.click();
  // A cell with several links, or one that opens a menu.
  const choice = page.getByRole('menuitem', { name: /Open incident/ });
  if (await choice.isVisible()) {
    await choice.click();
  }
  await expect(page).toHaveURL(/\/d\/blueking-incidents-incident/);
  const steps = page
    .locator('section, div')
    .filter({ hasText: /What to do/ })
    .locator('.markdown-html')
    .first();
  await expect(steps).toBeVisible();
  await expect(steps).toContainText(/\S{3}/);
  await expect(steps).not.toContainText('${steps');
  await expect(panelError(page)).toHaveCount(0);
});

test('the runbook of a signature shows its steps', async ({
  gotoDashboardPage,
  readProvisionedDataSource,
  page,
}) => {
  const { uid: datasource } = await readProvisionedDataSource(SAMPLES);
  const queryParams = samples(datasource);
  queryParams.set('var-signature', 'job-api-401');
  await gotoDashboardPage({ uid: 'blueking-incidents-runbook', queryParams });
  await expect(page.getByText('job-api-401').first()).toBeVisible();
  await expect(page.locator('.markdown-html').first()).toContainText(/\S{3}/);
  await expect(panelError(page)).toHaveCount(0);
});
