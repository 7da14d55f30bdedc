using Queued.Worker;

return await QueuedWorker.RunAsync(worker => worker
    .Handle("square", (int number) => number * number)
    .Handle("count-words", async (string path, TaskContext task) =>
    {
        var words = 0;
        await foreach (var line in File.ReadLinesAsync(path, task.CancellationToken))
        {
            words += line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            task.ReportProgress(words);
        }

        return words;
    }));
