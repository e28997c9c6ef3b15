import type { CoreStrings } from './en';
import { access } from './es/access';
import { common } from './es/common';
import { components } from './es/components';
import { overview } from './es/overview';
import { shell } from './es/shell';
import { words } from './es/words';

const strings: CoreStrings = {
  access, common, components, overview, shell, words,
};

export default strings;
