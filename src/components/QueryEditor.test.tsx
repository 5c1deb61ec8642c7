import React, { useState } from 'react';
import { CoreApp } from '@grafana/data';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { aDatasource } from '../testdata/datasource';
import type { DataSource } from '../datasource';
import type { IncidentsQuery, PlannedRead } from '../types';
import { AnnotationEditor } from './AnnotationEditor';
import { QueryEditor } from './QueryEditor';
import { QueryEditorHelp } from './QueryEditorHelp';
import { VariableEditor } from './VariableEditor';

const onChange = jest.fn();
const onRunQuery = jest.fn();

async function show(query: Partial<IncidentsQuery>, app = CoreApp.PanelEditor, datasource = aDatasource()) {
  function Editor() {
    const [current, setCurrent] = useState({ refId: 'A', ...query } as IncidentsQuery);
    const change = (next: IncidentsQuery) => {
      onChange(next);
      setCurrent(next);
    };
    return <QueryEditor app={app} datasource={datasource} query={current} onChange={change} onRunQuery={onRunQuery} />;
  }
  render(<Editor />);
  await waitFor(() => expect(datasource.getResource).toHaveBeenCalledWith('clusters', expect.anything()));
}

const labels = () => screen.getAllByText(/./, { selector: 'label' }).map((label) => label.textContent);

beforeEach(() => jest.clearAllMocks());

// Menus take their time in jsdom, and minutes pass on a busy machine.
jest.setTimeout(60_000);

describe('QueryEditor', () => {
  it('shows what applies to a table of incidents', async () => {
    await show({});
    expect(labels()).toEqual([
      'Query type',
      'View',
      'Live',
      'Signatures',
      'Severities',
      'States',
      'Sources',
      'Clusters',
      'Hosts',
      'Label filters',
      'Incident',
      'Row limit',
      'Language',
    ]);
  });

  it('shows what applies to an alert', async () => {
    await show({ queryType: 'alert', view: 'identity' }, CoreApp.UnifiedAlerting);
    expect(labels()).toEqual([
      'Query type',
      'View',
      'Signatures',
      'Severities',
      'Sources',
      'Clusters',
      'Hosts',
      'Label filters',
    ]);
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('lets a panel follow the logs, and no alert rule', async () => {
    await show({});
    await userEvent.click(screen.getByLabelText('Live'));
    expect(onChange).toHaveBeenLastCalledWith(expect.objectContaining({ live: true }));
    cleanup();
    await show({ queryType: 'count', stat: 'active' }, CoreApp.UnifiedAlerting);
    expect(screen.queryByLabelText('Live')).not.toBeInTheDocument();
  });

  it('warns about a table in an alert rule', async () => {
    await show({ queryType: 'incidents' }, CoreApp.UnifiedAlerting);
    expect(screen.getByRole('status')).toHaveTextContent('An alert rule needs numbers');
  });

  it('stores chosen signatures and runs the query', async () => {
    await show({});
    await userEvent.click(screen.getByLabelText('Signatures'));
    await userEvent.click(await screen.findByText('Agent 未连接'));
    expect(onChange).toHaveBeenLastCalledWith({
      refId: 'A',
      queryType: 'incidents',
      signatures: ['gse-not-connected'],
    });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('accepts a typed variable', async () => {
    await show({});
    await userEvent.type(screen.getByLabelText('Hosts'), '$host{Enter}');
    expect(onChange).toHaveBeenLastCalledWith(expect.objectContaining({ hosts: ['$host'] }));
  });

  it('runs a typed incident when it is finished, not letter by letter', async () => {
    await show({ queryType: 'steps' });
    await userEvent.type(screen.getByLabelText('Incident'), 'abc~1');
    expect(onRunQuery).not.toHaveBeenCalled();
    await userEvent.tab();
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'A', queryType: 'steps', incident: 'abc~1' });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('shows and removes label filters', async () => {
    await show({ queryType: 'count', matchers: [{ name: 'namespace', op: '=', value: 'blueking' }] });
    expect(screen.getByRole('combobox', { name: 'Label' })).toHaveValue('namespace');
    expect(screen.getByRole('combobox', { name: 'Value' })).toHaveValue('blueking');
    await userEvent.click(screen.getByRole('button', { name: 'Remove filter' }));
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'A', queryType: 'count' });
  });

  it('says why suggestions are missing', async () => {
    const datasource = aDatasource();
    jest.mocked(datasource.getResource).mockRejectedValue({ data: { message: 'Loki answers 401' } });
    await show({}, CoreApp.PanelEditor, datasource);
    expect(await screen.findByText('Loki answers 401')).toBeInTheDocument();
  });
});

describe('the explanation of a query', () => {
  const read: PlannedRead = {
    source: 'agent',
    logql: '{filename=~".*agent-err.*"} |= "zk"',
    from: Date.UTC(2026, 10, 1, 11),
    to: Date.UTC(2026, 10, 1, 12),
    farthest: Date.UTC(2026, 9, 31, 12),
    signatures: 3,
    maxLines: 100000,
    maxBytes: 1073741824,
  };
  const planning = (answer: () => Promise<PlannedRead[]>, lokiUid = '') => {
    const datasource = aDatasource({ lokiUid });
    datasource.postResource = jest.fn(answer) as DataSource['postResource'];
    return datasource;
  };
  const open = () => userEvent.click(screen.getByRole('button', { name: 'What this asks Loki for' }));

  it('says in a sentence what the query does, and asks for nothing until it is opened', async () => {
    const datasource = planning(() => Promise.resolve([read]));
    await show({ signatures: ['curl-dns'] }, CoreApp.PanelEditor, datasource);
    expect(
      await screen.findByText(
        'Looks in the logs of nodeman for “域名无法解析”; answers with one row for each incident.'
      )
    ).toBeInTheDocument();
    expect(datasource.postResource).not.toHaveBeenCalled();
  });

  it('shows the LogQL with its bounds, and opens it in Explore', async () => {
    await show(
      {},
      CoreApp.PanelEditor,
      planning(() => Promise.resolve([read]), 'loki-1')
    );
    await open();
    expect(await screen.findByText(read.logql)).toBeInTheDocument();
    expect(
      screen.getByText(
        'signatures: 3 · 2026-11-01 11:00:00 to 2026-11-01 12:00:00; back to 2026-10-31 12:00:00 while an incident reaches over the start · at most 100,000 lines · at most 1 GiB'
      )
    ).toBeInTheDocument();
    const link = new URL(screen.getByRole('link', { name: 'Open in Explore' }).getAttribute('href')!, 'http://grafana');
    const { loki } = JSON.parse(link.searchParams.get('panes')!);
    expect(loki).toMatchObject({ datasource: 'loki-1', queries: [{ expr: read.logql }], range: { to: `${read.to}` } });
    expect(screen.getByRole('button', { name: 'Copy' })).toBeInTheDocument();
  });

  it('has no link where no Loki data source is set', async () => {
    await show(
      {},
      CoreApp.PanelEditor,
      planning(() => Promise.resolve([read]))
    );
    await open();
    await screen.findByText(read.logql);
    expect(screen.queryByRole('link')).not.toBeInTheDocument();
  });

  it('says when no logs are read', async () => {
    await show(
      { queryType: 'steps', signatures: ['curl-dns'] },
      CoreApp.PanelEditor,
      planning(() => Promise.resolve([]))
    );
    await open();
    expect(await screen.findByText(/^Nothing: the answer comes from the catalogue/)).toBeInTheDocument();
  });

  it('says in the words of the backend why there is none', async () => {
    await show(
      {},
      CoreApp.PanelEditor,
      planning(() => Promise.reject({ data: { message: 'label name "a-b"' } }))
    );
    await open();
    expect(await screen.findByText('label name "a-b"')).toBeInTheDocument();
  });
});

describe('AnnotationEditor', () => {
  it('offers presets, and calls other filters custom', async () => {
    function Editor() {
      const [query, setQuery] = useState({ refId: 'Anno', clusters: ['c1'] } as IncidentsQuery);
      const change = (next: IncidentsQuery) => {
        onChange(next);
        setQuery(next);
      };
      return <AnnotationEditor datasource={aDatasource()} query={query} onChange={change} onRunQuery={onRunQuery} />;
    }
    render(<Editor />);
    expect(screen.getByLabelText('Show')).toHaveValue('All incidents');
    await userEvent.click(screen.getByLabelText('Show'));
    // jsdom has no room for the options, so the keyboard picks: the fourth below the one that is chosen.
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{Enter}');
    const starts = { refId: 'Anno', queryType: 'annotations', clusters: ['c1'], stat: 'started' };
    expect(onChange).toHaveBeenLastCalledWith(starts);
    await userEvent.click(screen.getByLabelText('Severities'));
    await userEvent.click(await screen.findByText('High'));
    expect(onChange).toHaveBeenLastCalledWith({ ...starts, severities: ['high'] });
    expect(screen.getByLabelText('Show')).toHaveValue('Custom');
  });

  it('shows filters only and stores the type', async () => {
    const datasource = aDatasource();
    render(
      <AnnotationEditor
        datasource={datasource}
        query={{ refId: 'Anno' } as IncidentsQuery}
        onChange={onChange}
        onRunQuery={onRunQuery}
      />
    );
    await userEvent.click(screen.getByLabelText('Severities'));
    await userEvent.click(await screen.findByText('High'));
    expect(screen.queryByLabelText('Query type')).not.toBeInTheDocument();
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'Anno', queryType: 'annotations', severities: ['high'] });
  });
});

describe('VariableEditor', () => {
  it('shows the filters of what it lists', async () => {
    render(
      <VariableEditor
        datasource={aDatasource()}
        query={{ refId: 'V', queryType: 'incidents' }}
        onChange={onChange}
        onRunQuery={onRunQuery}
      />
    );
    await userEvent.click(screen.getByLabelText('States'));
    await userEvent.click(await screen.findByText('Active'));
    expect(screen.getByLabelText('List')).toHaveValue('Incidents');
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'V', queryType: 'incidents', states: ['active'] });
  });
});

describe('QueryEditorHelp', () => {
  it('hands over an example', async () => {
    const onClickExample = jest.fn();
    render(<QueryEditorHelp datasource={aDatasource()} query={{} as IncidentsQuery} onClickExample={onClickExample} />);
    await userEvent.click(screen.getByText('What is broken now?'));
    expect(onClickExample).toHaveBeenCalledWith({
      refId: 'A',
      queryType: 'incidents',
      states: ['active'],
      view: 'brief',
    });
  });
});
