import{useMemo as Z,useState as tt}from"../main.js";import{useList as et,useRefreshOn as st,useRefreshOnReturn as nt}from"../main.js";import{Button as it,ButtonLink as rt,Empty as ot,Icon as at,Marked as mt,Menu as lt,PageHeader as ut,Table as dt,Time as pt}from"../main.js";import{t as n}from"../main.js";import{link as U}from"../main.js";import{Confirm as Y,toast as k}from"../main.js";import{t as m}from"../main.js";import{boot as M,graphql as p,may as G,mutate as R}from"../main.js";import{t as I}from"../main.js";var w=p(`
  query SmartLists($after: String) {
    smartLists(first: 50, after: $after) {
      nodes { id name count problem updatedAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`),Ct=p(`
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
`),N=["CONTACT_CREATED","CONTACT_UPDATED","CONTACT_DELETED","INVITED","INVITATION_CANCELLED","JOINED","ACCESS_REVOKED","ACCESS_RESTORED","SIGNED_IN","LINK_USED","COURSE_ASSIGNED","COURSE_REVOKED","OFFER_ACCESS_GRANTED","OFFER_ACCESS_REVOKED"],g=()=>G("CONTACTS")?void 0:I.common.noRole(I.words.role[M.role]);var h=(e,t)=>R(V,{input:{smartListId:e,...t}}),b=e=>R(K,{input:{smartListId:e}});import{useState as O}from"../main.js";import{ApiError as v}from"../main.js";import{Button as _,Dialog as W,ErrorNotice as q,TextField as j}from"../main.js";import{forgetDraft as z,useDraft as J}from"../main.js";import{t as C}from"../main.js";import{Fragment as Q,jsx as c,jsxs as B}from"../main.js";var X=200;function P({title:e,action:t,hint:i,draft:o,initial:a="",save:r,onClose:L}){let u=J(o,a),[D,y]=O(!1),[l,d]=O(),T=u.value.trim(),H=async()=>{if(!D){if(!T)return d(new v(C.smartLists.nameMissing,"BAD_USER_INPUT","input.name"));y(!0),d(void 0);try{await r(T),z(o),L()}catch(S){d(S),y(!1)}}},A=l instanceof v&&l.input==="name"?l.message:void 0;return B(W,{open:!0,onClose:L,title:e,size:"small",dirty:u.value!==a,form:{onSubmit:H},footer:B(Q,{children:[c(_,{kind:"quiet",onClick:L,children:C.common.cancel}),c(_,{type:"submit",busy:D,children:t})]}),children:[c(j,{label:C.smartLists.name,hint:i,autofocus:!0,autocomplete:"off",maxLength:X,value:u.value,error:A,onInput:S=>{u.value=S,d(void 0)}}),l!==void 0&&!A&&c(q,{error:l})]})}import{jsx as E}from"../main.js";function x({list:{id:e,name:t},onClose:i,onDone:o}){let a=async r=>{r!==t&&(await h(e,{name:r}),k({text:m.smartLists.renamed(r),undo:()=>h(e,{name:t}).then(()=>{})}),o())};return E(P,{title:m.smartLists.renameTitle,action:m.common.save,draft:`smart-list.${e}.name`,initial:t,save:a,onClose:i})}function F({list:{id:e,name:t},onClose:i,onDone:o}){let a=async()=>{await b(e),k({text:m.smartLists.deleted(t)}),o()};return E(Y,{open:!0,onClose:i,title:m.smartLists.deleteTitle(t),action:m.smartLists.delete,danger:!0,onConfirm:a,children:E("p",{children:m.smartLists.deleteHint})})}import{Fragment as St,jsx as s,jsxs as f}from"../main.js";var $=()=>{let e=g();return e?s(it,{icon:"plus",disabledReason:e,children:n.shell.newSmartList}):s(rt,{icon:"plus",href:U("smart-lists/new"),children:n.shell.newSmartList})},ct=({list:{name:e,problem:t}})=>f("span",{class:"smart-list-name",children:[s("bdi",{children:e}),t!==null&&f("span",{class:"smart-list-problem",children:[s(at,{name:"alert"}),s("span",{children:s(mt,{text:t})})]})]}),ft=e=>[{id:"name",header:n.smartLists.name,width:"3fr",cell:t=>s(ct,{list:t})},{id:"count",header:n.shell.contacts,width:"9rem",cell:({count:t})=>t===null?s("span",{class:"hint",children:n.smartLists.unusable}):n.access.contacts(t)},{id:"updated",header:n.access.updated,width:"9rem",hideBelow:"tablet",cell:({updatedAt:t})=>s("span",{class:"hint",children:s(pt,{at:t})})},{id:"actions",header:"",width:"3.5rem",align:"end",cell:t=>{let i=g();return s(lt,{label:n.smartLists.actionsOf(t.name),items:[{id:"rename",label:n.smartLists.rename,icon:"edit",disabledReason:i,onSelect:()=>e({kind:"rename",list:t})},{id:"delete",label:n.smartLists.delete,icon:"trash",danger:!0,disabledReason:i,onSelect:()=>e({kind:"delete",list:t})}]})}}];function Lt(){let e=et(w,{},({smartLists:r})=>r),[t,i]=tt(null),o=Z(()=>ft(i),[]);st(N,e.refresh),nt(e.refresh);let a=t?.kind==="delete"?F:x;return f(St,{children:[s(ut,{title:n.shell.smartLists,description:n.smartLists.description,children:s($,{})}),s(dt,{list:e,columns:o,label:n.shell.smartLists,href:({id:r})=>U(`smart-lists/${r}`),rowLabel:({name:r})=>r,empty:f(ot,{icon:"filter",title:n.smartLists.none,children:[s("p",{children:n.smartLists.noneHint}),s($,{})]})}),t&&s(a,{list:t.list,onClose:()=>i(null),onDone:e.reload})]})}export{Lt as default};
