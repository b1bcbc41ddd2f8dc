{{- /* The operator's flags. What is empty is left out, so that the program's own default holds. */ -}}
{{- define "appconfig-operator.args" -}}
- --namespace=$(POD_NAMESPACE)
- --pod-name=$(POD_NAME)
- --service-account-dir=/var/run/secrets/kubernetes.io/serviceaccount
- --http-address=$(POD_IP):8080
- --lease-name={{ include "appconfig-operator.fullname" . }}
- --key-secret-name={{ include "appconfig-operator.keySecretName" . }}
- --leader-elect={{ .Values.leaderElection.enabled }}
- --rollouts-enabled={{ .Values.rollouts.enabled }}
- --rollouts-dry-run={{ .Values.rollouts.dryRun }}
- --rollouts-per-namespace={{ .Values.rollouts.perNamespace | int }}
- --rollouts-per-cluster={{ .Values.rollouts.perCluster | int }}
- --concurrency={{ .Values.concurrency | int }}
- --drift-interval={{ .Values.driftInterval }}
- --log-level={{ .Values.logLevel }}
{{- with .Values.watchNamespaces }}
- --watch-namespaces={{ join "," . }}
{{- end }}
{{- with .Values.bindingSelector }}
- {{ printf "--binding-selector=%s" . | quote }}
{{- end }}
{{- with .Values.azure }}
{{- with .tenantId }}
- --tenant-id={{ . }}
{{- end }}
{{- with .cloud }}
- --cloud={{ . }}
{{- end }}
{{- with .authorityHost }}
- --authority-host={{ . }}
{{- end }}
{{- with .tokenAudience }}
- --token-audience={{ . }}
{{- end }}
{{- with .storeAudience }}
- --store-audience={{ . }}
{{- end }}
{{- with .storeSuffixes }}
- --store-suffixes={{ join "," . }}
{{- end }}
{{- with .vaultSuffixes }}
- --vault-suffixes={{ join "," . }}
{{- end }}
{{- with .allowedVaults }}
- {{ printf "--allowed-vaults=%s" (join "," .) | quote }}
{{- end }}
{{- if .allowManagedIdentities }}
- --allow-managed-identities=true
{{- end }}
{{- with .dnsServer }}
- {{ printf "--dns-server=%s" . | quote }}
{{- end }}
{{- with .storeRequestBudget }}
- --store-request-budget={{ . | int }}
{{- end }}
{{- end }}
{{- end -}}
