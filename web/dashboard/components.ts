// The components that most pages use. The contact picker (`components/contact_picker/contact_picker`), QR codes and sharing (`components/sharing`)
// are imported by their own paths: they belong to the pages and dialogs that use them, and keep the first view small.
export { Button, ButtonLink, IconButton } from './components/button';
export type { ButtonLinkProps, ButtonProps } from './components/button';
export { CheckField, RadioGroup, SwitchField } from './components/choice';
export { Confirm } from './components/confirm';
export { CopyButton, CopyField } from './components/copy';
export { Countdown } from './components/countdown';
export { Dialog } from './components/dialog';
export type { DialogProps } from './components/dialog';
export { Banner, Empty, ErrorNotice, Progress, Skeleton } from './components/feedback';
export { Field, SelectField, TextField } from './components/field';
export type { ControlProps, FieldLook } from './components/field';
export { FilterChips } from './components/filter_chips';
export type { FilterChip } from './components/filter_chips';
export { Icon, ICONS } from './components/icon';
export type { IconName } from './components/icon';
export { Avatar, Kbd, Status, Tag } from './components/labels';
export type { Tone } from './components/labels';
export { Card, DescriptionList, PageHeader } from './components/layout';
export type { DescriptionItem } from './components/layout';
export { Marked } from './components/marked';
export { Menu } from './components/menu';
export type { MenuEntry } from './components/menu';
export { ICON_NAMES, MenuIconView } from './components/menu_icon';
// For components that other files than main.js bring along.
export { place, useRoom, useTopLayer } from './components/place';
export { Popover } from './components/popover';
export { SearchField } from './components/search_field';
export { shortcuts } from './components/shortcuts';
export { SelectionBar } from './components/table/selection_bar';
export { Table } from './components/table/table';
export type { Column, Selection } from './components/table/types';
export { Tabs } from './components/tabs';
export { Time } from './components/time';
export { toast, Toaster } from './components/toaster';
export type { ToastOptions } from './components/toaster';
