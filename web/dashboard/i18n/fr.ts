import type { CoreStrings } from './en';
import { access } from './fr/access';
import { common } from './fr/common';
import { components } from './fr/components';
import { overview } from './fr/overview';
import { shell } from './fr/shell';
import { words } from './fr/words';

const strings: CoreStrings = {
  access, common, components, overview, shell, words,
};

export default strings;
