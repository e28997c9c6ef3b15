import{useMemo as Z,useState as tt}from"../main.js";import{useList as et,useRefreshOn as st,useRefreshOnReturn as nt}from"../main.js";import{Button as it,ButtonLink as rt,Empty as ot,Icon as at,Menu as mt,PageHeader as lt,Table as ut,Time as dt}from"../main.js";import{t as s}from"../main.js";import{link as U}from"../main.js";import{Confirm as Y,toast as F}from"../main.js";import{t as m}from"../main.js";import{boot as G,graphql as p,may as M,mutate as R}from"../main.js";import{t as I}from"../main.js";var w=p(`
  query SmartLists($after: String) {
    smartLists(first: 50, after: $after) {
      nodes { id name count problem updatedAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`),ht=p(`
  mutation CreateSmartList($input: CreateSmartListInput!) {
    createSmartList(input: $input) { smartList { id name } }
  }
`),V=p(`
  mutation UpdateSmartList($input: UpdateSmartListInput!) {
    updateSmartList(input: $input) {
      smartList {
        id name count problem updatedAt
        filter {
          affiliate allTags communityIds courseIds courseProgress { courseId progress } createdAfter createdBefore createdForDays createdWithinDays
          invitedAfter invitedBefore invitedForDays invitedWithinDays joinedAfter joinedBefore joinedForDays joinedWithinDays
          lastSeenAfter lastSeenBefore noTags
          notSeenForDays offerIds portalStatus search seenWithinDays tags withoutCommunityIds withoutCourseIds withoutOfferIds
        }
      }
    }
  }
`),K=p(`
  mutation DeleteSmartList($input: DeleteSmartListInput!) {
    deleteSmartList(input: $input) { deletedSmartListId }
  }
`),N=["CONTACT_CREATED","CONTACT_UPDATED","CONTACT_DELETED","INVITED","INVITATION_CANCELLED","JOINED","ACCESS_REVOKED","ACCESS_RESTORED","SIGNED_IN","LINK_USED","COURSE_ASSIGNED","COURSE_REVOKED","OFFER_ACCESS_GRANTED","OFFER_ACCESS_REVOKED"],g=()=>M("CONTACTS")?void 0:I.common.noRole(I.words.role[G.role]);var h=(e,t)=>R(V,{input:{smartListId:e,...t}}),b=e=>R(K,{input:{smartListId:e}});import{useState as O}from"../main.js";import{ApiError as v}from"../main.js";import{Button as _,Dialog as W,ErrorNotice as q,TextField as j}from"../main.js";import{forgetDraft as z,useDraft as J}from"../main.js";import{t as C}from"../main.js";import{Fragment as Q,jsx as c,jsxs as B}from"../main.js";var X=200;function P({title:e,action:t,hint:i,draft:o,initial:a="",save:r,onClose:L}){let u=J(o,a),[D,y]=O(!1),[l,d]=O(),T=u.value.trim(),H=async()=>{if(!D){if(!T)return d(new v(C.smartLists.nameMissing,"BAD_USER_INPUT","input.name"));y(!0),d(void 0);try{await r(T),z(o),L()}catch(S){d(S),y(!1)}}},A=l instanceof v&&l.input==="name"?l.message:void 0;return B(W,{open:!0,onClose:L,title:e,size:"small",dirty:u.value!==a,form:{onSubmit:H},footer:B(Q,{children:[c(_,{kind:"quiet",onClick:L,children:C.common.cancel}),c(_,{type:"submit",busy:D,children:t})]}),children:[c(j,{label:C.smartLists.name,hint:i,autofocus:!0,autocomplete:"off",maxLength:X,value:u.value,error:A,onInput:S=>{u.value=S,d(void 0)}}),l!==void 0&&!A&&c(q,{error:l})]})}import{jsx as E}from"../main.js";function k({list:{id:e,name:t},onClose:i,onDone:o}){let a=async r=>{r!==t&&(await h(e,{name:r}),F({text:m.smartLists.renamed(r),undo:()=>h(e,{name:t}).then(()=>{})}),o())};return E(P,{title:m.smartLists.renameTitle,action:m.common.save,draft:`smart-list.${e}.name`,initial:t,save:a,onClose:i})}function x({list:{id:e,name:t},onClose:i,onDone:o}){let a=async()=>{await b(e),F({text:m.smartLists.deleted(t)}),o()};return E(Y,{open:!0,onClose:i,title:m.smartLists.deleteTitle(t),action:m.smartLists.delete,danger:!0,onConfirm:a,children:E("p",{children:m.smartLists.deleteHint})})}import{Fragment as Lt,jsx as n,jsxs as f}from"../main.js";var $=()=>{let e=g();return e?n(it,{icon:"plus",disabledReason:e,children:s.shell.newSmartList}):n(rt,{icon:"plus",href:U("smart-lists/new"),children:s.shell.newSmartList})},pt=({list:{name:e,problem:t}})=>f("span",{class:"smart-list-name",children:[n("bdi",{children:e}),t!==null&&f("span",{class:"smart-list-problem",children:[n(at,{name:"alert"}),t]})]}),ct=e=>[{id:"name",header:s.smartLists.name,width:"3fr",cell:t=>n(pt,{list:t})},{id:"count",header:s.shell.contacts,width:"9rem",cell:({count:t})=>t===null?n("span",{class:"hint",children:s.smartLists.unusable}):s.access.contacts(t)},{id:"updated",header:s.access.updated,width:"9rem",hideBelow:"tablet",cell:({updatedAt:t})=>n("span",{class:"hint",children:n(dt,{at:t})})},{id:"actions",header:"",width:"3.5rem",align:"end",cell:t=>{let i=g();return n(mt,{label:s.smartLists.actionsOf(t.name),items:[{id:"rename",label:s.smartLists.rename,icon:"edit",disabledReason:i,onSelect:()=>e({kind:"rename",list:t})},{id:"delete",label:s.smartLists.delete,icon:"trash",danger:!0,disabledReason:i,onSelect:()=>e({kind:"delete",list:t})}]})}}];function ft(){let e=et(w,{},({smartLists:r})=>r),[t,i]=tt(null),o=Z(()=>ct(i),[]);st(N,e.refresh),nt(e.refresh);let a=t?.kind==="delete"?x:k;return f(Lt,{children:[n(lt,{title:s.shell.smartLists,description:s.smartLists.description,children:n($,{})}),n(ut,{list:e,columns:o,label:s.shell.smartLists,href:({id:r})=>U(`smart-lists/${r}`),rowLabel:({name:r})=>r,empty:f(ot,{icon:"filter",title:s.smartLists.none,children:[n("p",{children:s.smartLists.noneHint}),n($,{})]})}),t&&n(a,{list:t.list,onClose:()=>i(null),onDone:e.reload})]})}export{ft as default};
