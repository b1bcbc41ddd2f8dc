-- Health of an AppConfigBinding in Argo CD. Lua 5.1, as Argo CD runs it: nothing but the language itself.
local health = { status = "Progressing", message = "the operator has not looked at this spec yet" }

if obj.spec ~= nil and obj.spec.suspend == true then
  return { status = "Suspended", message = "spec.suspend is true: the targets stay as they are" }
end

local seen = obj.status
if seen == nil or seen.conditions == nil or seen.observedGeneration ~= obj.metadata.generation then
  return health
end

local conditions = {}
for _, condition in ipairs(seen.conditions) do
  conditions[condition.type] = condition
end
local function is(type, status)
  return conditions[type] ~= nil and conditions[type].status == status
end

-- Someone must act, or nothing could be read for a long time: waiting does not help.
for _, type in ipairs({ "Stalled", "Stale" }) do
  if is(type, "True") then
    return { status = "Degraded", message = conditions[type].reason .. ": " .. conditions[type].message }
  end
end
if is("Reconciling", "True") then
  health.message = conditions.Reconciling.reason .. ": " .. conditions.Reconciling.message
  return health
end
if conditions.Ready == nil then
  return health
end
if not is("Ready", "True") then
  health.message = conditions.Ready.reason .. ": " .. conditions.Ready.message
  return health
end

-- A rollout that fails does not make the binding unhealthy: the wave that brings its fix would wait for it for ever.
health.status = "Healthy"
health.message = conditions.Ready.message
if is("RolloutsComplete", "False") then
  health.message = health.message .. "; " .. conditions.RolloutsComplete.reason .. ": " .. conditions.RolloutsComplete.message
elseif is("Warning", "True") then
  health.message = health.message .. "; " .. conditions.Warning.reason .. ": " .. conditions.Warning.message
end
return health
