import{Q as e,o as t}from"./app-RUtun1Sk.js";import{t as n}from"./listed-DCQCGnTe.js";import{t as r}from"./template-CnEcjLVP.js";var i=t({kind:e(`labeltemplate`),list:n(`labeltemplate`),columns:[`name`,`model_type`,`description`,`width`,`height`,`enabled`,`updated`],sort:`name`,...r({model:`labeltemplate`,field:`template`,form:[`name`,`description`,`model_type`,`width`,`height`,`filters`,`filename_pattern`,`enabled`,`attach_to_model`],file:`label.html`,start:`<div class="label">
  <strong>{{ part.name }}</strong>
  <img src="{% qrcode qr_data %}" alt="">
</div>
`}),empty:`No label templates yet.`});export{i as default};