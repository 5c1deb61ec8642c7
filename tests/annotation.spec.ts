import { expect, test } from '@grafana/plugin-e2e';

import { SAMPLES } from './samples';

test('incidents become annotations', async ({ annotationEditPage, readProvisionedDataSource, page }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  await annotationEditPage.datasource.set(name);
  await expect(page.getByLabel('Severities')).toBeVisible();
  await expect(page.getByLabel('Query type')).toBeHidden();
  await expect(annotationEditPage.runQuery()).toBeOK();
});
