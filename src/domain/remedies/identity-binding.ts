import { commandsFor } from './remedy.ts';
import { uniqueName } from './unique-name.ts';

/** A ServiceAccount that is to use a managed identity by an AKS identity binding. */
export interface Bound {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly clientId: string;
}

/** (learn.microsoft.com/cli/azure/aks/identity-binding) */
export const createIdentityBinding = ({ clientId }: Pick<Bound, 'clientId'>): readonly string[] | undefined =>
  commandsFor({ clientId }, () => [
    '# CLUSTER and GROUP are the name of the AKS cluster and its resource group, NAME is yours to choose:',
    `az aks identity-binding create --name NAME --cluster-name CLUSTER --resource-group GROUP --managed-identity-resource-id "$(az identity list --query "[?clientId=='${clientId}'].id" --output tsv)"`,
  ]);

/**
 * Lets the ServiceAccount use the identity. The API group and the verb are known to the proxy of AKS alone, so that no
 * resource stands behind them (learn.microsoft.com/azure/aks/identity-bindings).
 */
export const allowIdentityBinding = ({
  namespace,
  serviceAccount,
  clientId,
}: Bound): readonly string[] | undefined =>
  commandsFor({ namespace, serviceAccount, clientId }, () => {
    const name = uniqueName(
      ['use-mi', clientId, namespace, serviceAccount],
      [clientId, namespace, serviceAccount],
    );
    const rbac = 'rbac.authorization.k8s.io';
    const role = {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        { apiGroups: ['cid.wi.aks.azure.com'], resources: [clientId], verbs: ['use-managed-identity'] },
      ],
    };
    const binding = {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', namespace, name: serviceAccount }],
    };
    const list = { apiVersion: 'v1', kind: 'List', items: [role, binding] };
    return [
      `# Any ServiceAccount with this right may read as managed identity ${clientId}:`,
      `echo '${JSON.stringify(list)}' | kubectl apply --filename -`,
    ];
  });
