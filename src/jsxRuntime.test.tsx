import React, { createRef } from 'react';
import { render, screen } from '@testing-library/react';

import { Fragment, jsx, jsxs } from './jsxRuntime';

describe('jsxRuntime', () => {
  it('builds what createElement builds', () => {
    expect(jsx('p', { id: 'a', children: 'text' }, 'k')).toEqual(
      <p id="a" key="k">
        text
      </p>
    );
    expect(jsx(Fragment, {})).toEqual(<></>);
  });

  it('renders several children without asking for keys', () => {
    const complaints = jest.spyOn(console, 'error').mockImplementation();
    render(jsxs('ul', { children: [jsx('li', { children: 'one' }), jsx('li', { children: 'two' })] }));
    expect(screen.getAllByText(/one|two/)).toHaveLength(2);
    expect(complaints).not.toHaveBeenCalled();
  });

  it('hands refs on', () => {
    const ref = createRef<HTMLParagraphElement>();
    render(jsx('p', { ref, children: 'text' }));
    expect(ref.current).toHaveTextContent('text');
  });
});
