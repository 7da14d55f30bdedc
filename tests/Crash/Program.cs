using Queued.Crash;

// Without a role it is the harness, which starts itself again as its clients and workers.
return args switch
{
    ["client", var number, var ledger, var stopFile, var pauseFile] =>
        await SubmittingClient.RunAsync(number, ledger, stopFile, pauseFile),
    ["worker", var ledger] => await RecordingWorker.RunAsync(ledger),
    _ => await CrashRun.RunAsync(args),
};
