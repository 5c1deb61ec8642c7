import { expect, test } from '@grafana/plugin-e2e';

import { LAST_DAY, SAMPLES } from './samples';

test('a new panel lists the incidents', async ({ panelEditPage, readProvisionedDataSource }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  await panelEditPage.datasource.set(name);
  await panelEditPage.timeRange.set(LAST_DAY);
  await panelEditPage.setVisualization('Table');
  await expect(panelEditPage.getQueryEditorRow('A').getByLabel('Query type')).toHaveValue('Incidents');
  await expect(panelEditPage.refreshPanel()).toBeOK();
  await expect(panelEditPage.panel.data).not.toHaveCount(0);
});

test('the type decides which fields are shown', async ({ panelEditPage, readProvisionedDataSource, page }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  await panelEditPage.datasource.set(name);
  const row = panelEditPage.getQueryEditorRow('A');
  await expect(row.getByLabel('States')).toBeVisible();
  await row.getByLabel('Query type').click();
  await page.getByRole('option', { name: /^Count/ }).click();
  await expect(row.getByLabel('Count of')).toHaveValue('Active');
  await expect(row.getByLabel('States')).toBeHidden();
});

test('chosen signatures reach the backend', async ({ panelEditPage, readProvisionedDataSource, page }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  await panelEditPage.datasource.set(name);
  const row = panelEditPage.getQueryEditorRow('A');
  const request = page.waitForRequest(
    (sent) => sent.url().includes('/api/ds/query') && (sent.postData() ?? '').includes('gse-not-connected')
  );
  await row.getByLabel('Signatures').fill('gse-not-connected');
  await row.getByLabel('Signatures').press('Enter');
  const [query] = (await request).postDataJSON().queries;
  expect(query).toMatchObject({ queryType: 'incidents', signatures: ['gse-not-connected'] });
});
