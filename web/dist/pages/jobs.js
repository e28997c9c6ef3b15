import{useMemo as D,useRef as O}from"../main.js";import{boot as c,may as N,useList as P,useSubscription as T}from"../main.js";import{Button as x,ButtonLink as h,Empty as L,PageHeader as q,Table as I,Time as K}from"../main.js";import{t as e}from"../main.js";import{link as w}from"../main.js";import{graphql as m}from"../main.js";var p=m(`
  query Jobs($after: String) {
    bulkJobs(first: 50, after: $after) {
      nodes { id kind status total done failed skipped succeeded createdAt finishedAt requestedBy }
      pageInfo { hasNextPage endCursor }
    }
  }
`),l=m(`
  subscription JobsUpdated {
    bulkJobUpdated { id kind status total done failed skipped succeeded createdAt finishedAt requestedBy }
  }
`);import{Status as k}from"../main.js";import{t as E}from"../main.js";import{jsx as g}from"../main.js";var j={QUEUED:"none",RUNNING:"busy",PAUSED:"warn",SUCCEEDED:"good",FAILED:"bad",CANCELLED:"none"},b=({status:o})=>g(k,{tone:j[o],children:E.words.jobStatus[o]}),u=({status:o})=>o==="QUEUED"||o==="RUNNING"||o==="PAUSED";import{useCallback as S}from"../main.js";import{boot as R,graphql as U,may as B,useQuery as C}from"../main.js";import{t as a}from"../main.js";var A=U(`
  query JobPeople {
    teamMembers(first: 100) { nodes { id name email } }
    apiKeys(first: 100) { nodes { id name } }
  }
`);function f(){let{data:o}=C(A,{},{pause:!B("TEAM")});return S(t=>{if(t===R.memberId)return a.jobs.you;if(t==="system")return a.jobs.system;let n=o?.teamMembers?.nodes.find(r=>r.id===t);return n?n.name??n.email:o?.apiKeys?.nodes.find(r=>r.id===t)?.name??(t.startsWith("key")?a.jobs.apiKey:a.jobs.teamMember)},[o])}import{jsx as s,jsxs as i}from"../main.js";var y=()=>N("CONTACTS")?s(h,{icon:"upload",href:w("import"),children:e.shell.importContacts}):s(x,{icon:"upload",disabledReason:e.common.noRole(e.words.role[c.role]),children:e.shell.importContacts}),M=({job:o})=>i("span",{class:"jobs-progress",children:[i("span",{children:[e.jobs.ofTotal(o.done,o.total),o.failed>0&&s("span",{class:"jobs-failed",children:e.jobs.failedCount(o.failed)})]}),u(o)&&s("progress",{value:o.done,max:Math.max(o.total,1),"aria-label":e.words.jobKind[o.kind]})]}),v=o=>[{id:"kind",header:e.jobs.kind,width:"1.4fr",cell:({kind:t})=>e.words.jobKind[t]},{id:"status",header:e.jobs.status,width:"9rem",cell:({status:t})=>s(b,{status:t})},{id:"progress",header:e.jobs.progress,width:"1.3fr",cell:t=>s(M,{job:t})},{id:"who",header:e.jobs.who,hideBelow:"tablet",cell:({requestedBy:t})=>s("bdi",{class:"jobs-who",children:o(t)})},{id:"when",header:e.jobs.when,width:"9rem",align:"end",cell:({createdAt:t})=>s("span",{class:"hint",children:s(K,{at:t})})}],$=()=>i(L,{icon:"jobs",title:e.jobs.none,children:[s("p",{children:e.jobs.noneHint}),s(y,{})]});function H(){let o=P(p,{},({bulkJobs:r})=>r),t=O(o.rows);t.current=o.rows;let n=f();T(l,{},({bulkJobUpdated:{id:r}})=>{t.current.some(J=>J.id===r)||o.refresh()});let d=D(()=>v(n),[n]);return i("div",{class:"jobs",children:[i(q,{title:e.jobs.title,children:[s(h,{kind:"quiet",icon:"download",href:`${c.base}/contacts.csv`,download:!0,children:e.jobs.export}),s(y,{})]}),s(I,{list:o,columns:d,label:e.jobs.title,href:({id:r})=>w(`jobs/${r}`),rowLabel:({kind:r})=>e.words.jobKind[r],empty:s($,{})})]})}export{H as default};
