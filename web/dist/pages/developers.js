import{boot as me}from"../main.js";import{ButtonLink as he,PageHeader as ge}from"../main.js";import{t as B}from"../main.js";import{may as K}from"../main.js";import{ButtonLink as C,Card as T}from"../main.js";import{t as o}from"../main.js";import{link as J}from"../main.js";import{CopyButton as A}from"../main.js";import{t as G}from"../main.js";import{jsx as l,jsxs as b}from"../main.js";var u=({code:e,copy:t})=>b("div",{class:"code-line",children:[l("code",{class:"code",dir:"ltr",translate:!1,children:e}),t&&l(A,{value:e,label:t})]}),k=({code:e,title:t})=>b("figure",{class:"snippet",children:[b("figcaption",{children:[l("h3",{children:t}),l(A,{value:e,label:G.developers.codeOf(t)})]}),l("pre",{class:"code",dir:"ltr",translate:!1,tabIndex:0,role:"region","aria-label":t,children:l("code",{children:e})})]});import{jsx as a,jsxs as q}from"../main.js";var $=()=>q(T,{title:o.developers.accessTitle,children:[a("p",{class:"hint",children:o.developers.access}),a(u,{code:"Authorization: Bearer apikey_…"}),K("TEAM")?a(C,{kind:"quiet",size:"small",icon:"key",href:J("api-keys"),children:o.developers.manageKeys}):a("p",{class:"hint",children:o.developers.askForKey})]}),I=({playground:e})=>q(T,{title:o.developers.schemaTitle,children:[a("p",{class:"hint",children:o.developers.schema}),a(u,{code:`${location.origin}/schema.graphql`,copy:o.developers.schemaAddress}),a(C,{kind:"quiet",size:"small",icon:"download",href:"/schema.graphql",download:!0,children:o.developers.downloadSchema}),a(C,{kind:"quiet",size:"small",icon:"search",href:e,target:"_blank",rel:"noopener",children:o.developers.browseSchema})]}),P=()=>q(T,{title:o.developers.originsTitle,children:[a("p",{class:"hint",children:o.developers.origins}),a(u,{code:"VESTIBULE_ALLOWED_ORIGINS=https://app.example.com",copy:o.developers.originsSetting}),a("p",{class:"hint",children:o.developers.originsRestart})]});import{Card as M,CopyField as Y}from"../main.js";import{t as L}from"../main.js";import{jsx as m,jsxs as Q}from"../main.js";var{origin:h}=location,j=h.replace(/^http/,"ws"),s={http:`${h}/graphql`,socket:`${j}/graphql`,stream:`${h}/graphql/stream`,keys:`${h}/.well-known/jwks.json`},D=Object.keys(s),x=()=>m(M,{title:L.developers.endpointsTitle,children:m("div",{class:"endpoints",children:D.map(e=>Q("div",{"data-endpoint":e,children:[m(Y,{label:L.developers.endpoints[e].label,value:s[e]}),m("p",{class:"hint",children:L.developers.endpoints[e].hint})]},e))})});import{Card as te,Tabs as re}from"../main.js";import{t as i}from"../main.js";import{params as oe,setParams as ae}from"../main.js";var g=[{id:"curl",label:"curl"},{id:"typescript",label:"TypeScript"},{id:"swift",label:"Swift"}],E="subscription { portalStats { invited active version } }",w=`mutation Invite($emails: [String!]!) {
    inviteContacts(input: { emails: $emails }) {
      invitations { id contact { email } }
      skipped { email reason }
    }
  }`,W=e=>e.replace(/\s+/g," "),X={invite:`curl -sS ${s.http} \\
  -H "Authorization: Bearer $VESTIBULE_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{
    "query": "${W(w)}",
    "variables": { "emails": ["Ida Berg <ida@example.com>"] }
  }'`,subscribe:`curl -sSN ${s.stream} \\
  -H "Authorization: Bearer $VESTIBULE_KEY" \\
  -H 'Content-Type: application/json' \\
  -H 'Accept: text/event-stream' \\
  -d '{ "query": "${E}" }'`},Z={invite:`import { gql, GraphQLClient } from 'graphql-request';

const client = new GraphQLClient('${s.http}', {
  headers: { Authorization: \`Bearer \${process.env.VESTIBULE_KEY}\` },
});

const response = await client.request(gql\`
  ${w}
\`, { emails: ['Ida Berg <ida@example.com>'] });

console.log(JSON.stringify(response));`,subscribe:`import { createClient } from 'graphql-ws';

const client = createClient({
  url: '${s.socket}',
  connectionParams: { authorization: \`Bearer \${process.env.VESTIBULE_KEY}\` },
  retryAttempts: Infinity,
});

for await (const { data } of client.iterate({ query: '${E}' })) {
  console.log(JSON.stringify(data));
}`},ee={invite:`import Foundation

var request = URLRequest(url: URL(string: "${s.http}")!)
request.httpMethod = "POST"
request.setValue("Bearer \\(token)", forHTTPHeaderField: "Authorization")
request.setValue("application/json", forHTTPHeaderField: "Content-Type")
request.httpBody = try JSONSerialization.data(withJSONObject: [
  "query": """
  ${w}
  """,
  "variables": ["emails": ["Ida Berg <ida@example.com>"]],
] as [String: Any])

let (data, _) = try await URLSession.shared.data(for: request)
print(String(decoding: data, as: UTF8.self))`,subscribe:`import Foundation

var request = URLRequest(url: URL(string: "${s.stream}")!)
request.httpMethod = "POST"
request.timeoutInterval = .infinity
request.setValue("Bearer \\(token)", forHTTPHeaderField: "Authorization")
request.setValue("application/json", forHTTPHeaderField: "Content-Type")
request.setValue("text/event-stream", forHTTPHeaderField: "Accept")
request.httpBody = try JSONSerialization.data(withJSONObject: [
  "query": "${E}",
])

let (bytes, _) = try await URLSession.shared.bytes(for: request)
for try await line in bytes.lines where line.hasPrefix("data:") {
  print(line.dropFirst(5))
}`},U={curl:X,typescript:Z,swift:ee};import{jsx as p,jsxs as N}from"../main.js";var se=e=>g.some(t=>t.id===e);function O(){let e=oe.value.get("language"),t=se(e)?e:"curl",{invite:S,subscribe:d}=U[t];return N(te,{title:i.developers.examplesTitle,children:[p("p",{class:"hint",children:i.developers.examples(i.words.scope.READ,i.words.scope.INVITE)}),p(re,{tabs:g,current:t,label:i.developers.languageLabel,onChange:r=>ae({language:r==="curl"?"":r})}),N("div",{class:"snippets",role:"tabpanel","aria-label":g.find(({id:r})=>r===t)?.label,children:[p(k,{title:i.developers.invite,code:S}),p(k,{title:i.developers.subscribe,code:d})]}),t==="typescript"&&p("p",{class:"hint",children:i.developers.typescriptHint}),t==="swift"&&p("p",{class:"hint",children:i.developers.swiftHint})]})}import{useEffect as ie,useState as ne}from"../main.js";import{Button as le,Card as pe,Status as ce}from"../main.js";import{t as f}from"../main.js";import{jsx as c,jsxs as v}from"../main.js";var H=["healthz","readyz"],de={checking:"busy",well:"good",failing:"bad",unreachable:"bad"};async function ue(e){try{let t=await fetch(`/${e}`,{cache:"no-store",credentials:"omit"});return t.ok?{state:"well"}:{state:"failing",detail:(await t.text()).trim()}}catch{return{state:"unreachable"}}}var R={healthz:{state:"checking"},readyz:{state:"checking"}};function z(){let[e,t]=ne(R),S=H.some(r=>e[r].state==="checking"),d=()=>{t(R);for(let r of H)ue(r).then(F=>t(_=>({..._,[r]:F})))};return ie(d,[]),c(pe,{title:f.developers.healthTitle,action:c(le,{kind:"plain",size:"small",icon:"refresh",busy:S,onClick:d,children:f.developers.checkAgain}),children:c("dl",{class:"health","aria-live":"polite",children:H.map(r=>v("div",{"data-path":r,children:[v("dt",{children:[f.developers.health[r]," ",v("code",{translate:!1,children:["/",r]})]}),v("dd",{children:[c(ce,{tone:de[e[r].state],children:f.developers.healthState[e[r].state]}),e[r].detail&&c("p",{class:"hint",children:e[r].detail})]})]},r))})})}import{Fragment as ve,jsx as n,jsxs as y}from"../main.js";var V=()=>`/graphiql?account=${encodeURIComponent(me.account)}`;function fe(){return y(ve,{children:[n(ge,{title:B.shell.developers,description:B.developers.lead,children:n(he,{icon:"play",href:V(),target:"_blank",rel:"noopener",children:B.developers.playground})}),y("div",{class:"developers-columns",children:[y("div",{class:"developers-column",children:[n(x,{}),n(O,{})]}),y("div",{class:"developers-column",children:[n($,{}),n(I,{playground:V()}),n(z,{}),n(P,{})]})]})]})}export{fe as default};
