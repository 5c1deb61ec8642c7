import { CoreApp } from '@grafana/data';

import { defaultQuery } from './defaults';

describe('defaultQuery', () => {
  it.each([CoreApp.Dashboard, CoreApp.PanelEditor, CoreApp.Explore, undefined])('lists incidents in %s', (app) => {
    expect(defaultQuery(app)).toEqual({ queryType: 'incidents', view: 'brief' });
  });

  it.each([CoreApp.UnifiedAlerting, CoreApp.CloudAlerting])('gives numbers to an alert rule (%s)', (app) => {
    expect(defaultQuery(app)).toEqual({ queryType: 'alert', view: 'identity' });
  });
});
