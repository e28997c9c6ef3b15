/** The lesson that was open last: back on the outline, it has the focus. */
export const lastOpened: { id: string | null } = { id: null };
