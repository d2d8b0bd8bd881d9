// What the in-memory finAPI answers, about as large as the real one.
import type { AccessToken, Account, Label } from '@finapi-ts/client/access-v1';

const account: Account = {
  id: 4711023,
  bankConnectionId: 260112,
  accountName: 'Household',
  iban: 'DE23100000001234567890',
  accountNumber: '1234567890',
  subAccountNumber: null,
  accountHolderName: 'Greta Sommer',
  accountHolderId: 'XXXXX',
  accountCurrency: 'EUR',
  accountTypeId: 1,
  accountTypeName: 'Checking',
  accountType: 'Checking',
  balance: 1873.42,
  overdraft: 0,
  overdraftLimit: 500,
  availableFunds: 2373.42,
  lastSuccessfulUpdate: '2026-11-20 06:14:31.208',
  lastUpdateAttempt: '2026-11-20 06:14:22.911',
  isNew: false,
  status: 'UPDATED',
  supportedOrders: ['SEPA_MONEY_TRANSFER', 'SEPA_COLLECTIVE_MONEY_TRANSFER'],
  interfaces: [
    {
      interface: 'XS2A',
      status: 'UPDATED',
      capabilities: ['DATA_DOWNLOAD', 'IBAN_ONLY_SEPA_MONEY_TRANSFER', 'SEPA_MONEY_TRANSFER'],
      paymentCapabilities: { sepaInstantMoneyTransfer: true },
      lastSuccessfulUpdate: '2026-11-20 06:14:31.208',
      lastUpdateAttempt: '2026-11-20 06:14:22.911',
    },
    {
      interface: 'FINTS_SERVER',
      status: 'DOWNLOAD_FAILED',
      capabilities: ['DATA_DOWNLOAD', 'SEPA_MONEY_TRANSFER', 'SEPA_COLLECTIVE_MONEY_TRANSFER'],
      paymentCapabilities: { sepaInstantMoneyTransfer: false },
      lastSuccessfulUpdate: '2026-10-02 05:58:07.640',
      lastUpdateAttempt: '2026-11-19 06:02:44.175',
    },
  ],
  clearingAccounts: [{ clearingAccountId: 'B-7', clearingAccountName: 'Settlement' }],
  isSeized: false,
};

const label: Label = { id: 815, name: 'Rent' };

const accessToken: AccessToken = { token_type: 'bearer', access_token: 'b3f1c0de'.repeat(16), expires_in: 3599, scope: 'all' };

export const answers = { account: JSON.stringify(account), label: JSON.stringify(label), accessToken: JSON.stringify(accessToken) };
