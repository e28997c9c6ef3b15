import { useMemo } from 'preact/hooks';
import { boot, may, useList, useRefreshOn, useRefreshOnReturn } from '../../api';
import { Button, Empty, PageHeader, Table } from '../../components';
import { ContentFilters, chosenFilter, clearFilter, isFiltered } from '../../components/content/filters';
import { t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { columns } from './columns';
import { COURSES, MEMBER_EVENTS } from './documents';
import { NewCourse } from './new_course';

const open = () => setParams({ new: '1' });

const NewButton = () => (
  <Button icon="plus" onClick={open} disabledReason={may('CONTENT') ? undefined : t.common.noRole(t.words.role[boot.role])}>{t.courses.newCourse}</Button>
);

const None = ({ filtered }: { filtered: boolean }) => filtered
  ? (
    <Empty icon="search" title={t.courses.noMatch}>
      <Button kind="quiet" onClick={clearFilter}>{t.courses.clearFilter}</Button>
    </Empty>
  )
  : (
    <Empty icon="book" title={t.courses.none}>
      <p>{t.courses.noneHint}</p>
      <NewButton />
    </Empty>
  );

const count = (total: number | undefined, filtered: boolean): string => {
  if (total === undefined) return ' ';
  return filtered ? t.courses.matching(total) : t.courses.total(total);
};

export default function Courses() {
  const filter = chosenFilter();
  const filtered = isFiltered(filter);
  const list = useList(COURSES, filter, ({ courses }) => courses);
  const shown = useMemo(columns, []);
  useRefreshOn(MEMBER_EVENTS, list.refresh);
  useRefreshOnReturn(list.refresh);
  return (
    <div class="courses">
      <PageHeader title={t.shell.courses} description={<span role="status">{count(list.total, filtered)}</span>}><NewButton /></PageHeader>
      <ContentFilters kind="course" />
      <Table list={list} columns={shown} label={t.shell.courses} href={({ id }) => link(`courses/${id}`)} rowLabel={({ title }) => title}
        empty={<None filtered={filtered} />} />
      {params.value.has('new') && may('CONTENT') && <NewCourse onClose={() => setParams({ new: undefined })} />}
    </div>
  );
}
