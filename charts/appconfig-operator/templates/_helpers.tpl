{{- define "appconfig-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "appconfig-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "appconfig-operator.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "appconfig-operator.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* A digest wins over a tag, which only tells people what it is. */}}
{{- define "appconfig-operator.image" -}}
{{- with .Values.image -}}
{{- .repository -}}
{{- if .digest -}}
{{- with .tag }}:{{ . }}{{ end -}}@{{ .digest }}
{{- else -}}
:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Cluster-scoped names carry namespace and release, so that several releases can share a cluster. */}}
{{- define "appconfig-operator.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "appconfig-operator.fullname" .) -}}
{{- end -}}

{{- define "appconfig-operator.serviceAccountName" -}}
{{- default (include "appconfig-operator.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "appconfig-operator.subject" -}}
- kind: ServiceAccount
  name: {{ include "appconfig-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{- define "appconfig-operator.keySecretName" -}}
{{- printf "%s-key" (include "appconfig-operator.fullname" .) -}}
{{- end -}}

{{- define "appconfig-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "appconfig-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "appconfig-operator.labels" -}}
{{ include "appconfig-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Where an extra CA bundle comes from: a ConfigMap of the user or one of ours; empty without one. */}}
{{- define "appconfig-operator.caConfigMap" -}}
{{- if .Values.extraCaCerts.configMap.name -}}
{{- .Values.extraCaCerts.configMap.name -}}
{{- else if .Values.extraCaCerts.pem -}}
{{- printf "%s-ca" (include "appconfig-operator.fullname" .) -}}
{{- end -}}
{{- end -}}

{{- define "appconfig-operator.caKey" -}}
{{- ternary .Values.extraCaCerts.configMap.key "ca.crt" (ne .Values.extraCaCerts.configMap.name "") -}}
{{- end -}}
