using Queued.Crash;

// Without a role it is the harness, which starts itself again as its clients and workers.
switch (args)
{
    case ["client", var number, var ledger, var stopFile, var pauseFile]:
        return await SubmittingClient.RunAsync(number, ledger, stopFile, pauseFile);
    case ["worker", var ledger]:
        return await RecordingWorker.RunAsync(ledger);
}

if (CrashOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(CrashOptions.Usage);
    return 64;
}

return options.IsSelfTest ? await SelfTest.RunAsync(options) : await CrashRun.RunAsync(options);
