using Queued.Daemon.Supervision;

if (args is [GuardProcess.Verb, .. var guarded])
    return GuardProcess.Run(guarded);

return 0;
